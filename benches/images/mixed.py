"""Writes a folder of images as people have them: formats, sizes, modes and defects mixed.

usage: python benches/images/mixed.py FOLDER [COUNT]   (pip install pillow numpy)

Five classes that can be learned (stripes, checks, rings, blobs, noise), COUNT images (1000), sides of
8 to 1200 pixels; one of twenty files is broken. Seeded: the same numbers every time.
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ["blobs", "checks", "noise", "rings", "stripes"]
ORIENTATION = 0x0112


def picture(rng, name, width, height):
    """RGB bytes [height, width, 3] of a class, with colours and scale of its own."""
    y, x = np.mgrid[0:height, 0:width] / min(width, height)
    scale, phase = rng.uniform(4, 9), rng.uniform(0, 6)
    pattern = {
        "stripes": lambda: np.sin(6 * scale * x + phase),
        "checks": lambda: np.sign(np.sin(6 * scale * x + phase) * np.sin(6 * scale * y)),
        "rings": lambda: np.sin(9 * scale * np.hypot(x - 0.5, y - 0.5) + phase),
        "blobs": lambda: np.sin(2 * scale * x + phase) + np.cos(1.7 * scale * y * x + phase),
        "noise": lambda: rng.uniform(-1, 1, x.shape),
    }[name]()
    low, high = rng.integers(0, 110, 3), rng.integers(140, 256, 3)
    share = np.clip((pattern + 1) / 2, 0, 1)[..., None]
    return (low + share * (high - low)).astype(np.uint8)


def save(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def with_alpha(image):
    image = image.convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def sixteen_bits(image):
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def turned(image, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return save(image, format="JPEG", exif=exif)


def animated(image, format):
    frames = [image.convert("RGB").rotate(90 * i) for i in range(1, 3)]
    return save(image, format=format, save_all=True, append_images=frames)


KINDS = [
    ("png", lambda i, n: save(i, format="PNG")),
    ("jpg", lambda i, n: save(i, format="JPEG", quality=30 + n % 70)),
    ("JPEG", lambda i, n: save(i, format="JPEG", progressive=True, subsampling=n % 3)),
    ("webp", lambda i, n: save(i, format="WEBP", quality=60)),
    ("webp", lambda i, n: save(i, format="WEBP", lossless=True)),
    ("bmp", lambda i, n: save(i, format="BMP")),
    ("gif", lambda i, n: save(i, format="GIF")),
    ("gif", lambda i, n: animated(i, "GIF")),
    ("webp", lambda i, n: animated(i, "WEBP")),
    ("png", lambda i, n: save(i.convert("L"), format="PNG")),
    ("jpg", lambda i, n: save(i.convert("L"), format="JPEG")),
    ("png", lambda i, n: save(with_alpha(i), format="PNG")),
    ("webp", lambda i, n: save(with_alpha(i), format="WEBP")),
    ("png", lambda i, n: save(sixteen_bits(i), format="PNG")),
    ("png", lambda i, n: save(i.convert("P"), format="PNG", optimize=True)),
    ("png", lambda i, n: save(i.convert("1"), format="PNG")),
    ("jpg", lambda i, n: turned(i, 1 + n % 8)),
    ("jpg", lambda i, n: save(i.convert("CMYK"), format="JPEG")),
    ("jpg", lambda i, n: save(i, format="PNG")),  # the ending lies
    ("jpg", None),  # broken
]

BROKEN = [
    lambda whole: whole[: len(whole) // 2],
    lambda whole: b"",
    lambda whole: b"<html><body>404 Not Found</body></html>",
    lambda whole: whole[:20] + bytes(len(whole) - 20),
]


def main():
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    broken = 0
    for n in range(count):
        rng = np.random.default_rng(n)
        name = CLASSES[n % len(CLASSES)]
        width, height = (int(2 ** rng.uniform(3, 10.2)) for _ in range(2))
        image = Image.fromarray(picture(rng, name, width, height))
        ending, write = KINDS[n // len(CLASSES) % len(KINDS)]
        if write is None:
            content = BROKEN[n % len(BROKEN)](save(image, format="PNG"))
            broken += 1
        else:
            content = write(image, n)
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / f"IMG {n:04} (copy).{ending}").write_bytes(content)
    (folder / "README.txt").write_text("notes beside the images\n")
    (folder / "stripes" / ".DS_Store").write_bytes(bytes(8))
    print(f"{count} files in {folder}, {broken} of them broken")


main()
