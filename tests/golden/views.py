#!/usr/bin/env python3
"""Golden values of the operations of augmentation policies: Pillow's, and the published policies.

Shares no code with the Rust workspace. README.md describes the file format and how to run this.
"""

import ast
import importlib.metadata
import importlib.util
import json
import pathlib
import platform

from PIL import Image, ImageEnhance, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
FILL = (128, 128, 128)

# --- images, by formula ---------------------------------------------------------------------------


def image(width, height, pixel):
    data = bytes(min(max(int(value), 0), 255) for y in range(height) for x in range(width) for value in pixel(x, y))
    return Image.frombytes("RGB", (width, height), data)


IMAGES = {
    # All bytes, in no order; sides that differ.
    "noise": image(15, 11, lambda x, y: [(x * x * 7 + y * 31 + x * y * 13 + c * 89) % 256 for c in range(3)]),
    # A soft picture of few contrasts, so that stretching and equalising have something to do.
    "soft": image(32, 32, lambda x, y: [60 + 2 * x + y, 90 + ((x - 16) ** 2 + (y - 12) ** 2) // 9, 200 - 3 * y]),
    # One colour: what divides by a range must not.
    "flat": image(5, 4, lambda x, y: [7, 200, 128]),
    # Two colours only.
    "two": image(20, 20, lambda x, y: [40, 0, 255] if (x // 3 + y // 4) % 2 else [90, 1, 254]),
}

# --- operations -----------------------------------------------------------------------------------


def affine(picture, matrix):
    return picture.transform(picture.size, Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST, fillcolor=FILL)


def cutout(picture, box):
    """`box`: top, left, height, width."""
    top, left, height, width = box
    out = picture.copy()
    out.paste(FILL, (left, top, left + width, top + height))
    return out


OPERATIONS = {
    "shear_x": lambda p, a: affine(p, (1, a, 0, 0, 1, 0)),
    "shear_y": lambda p, a: affine(p, (1, 0, 0, a, 1, 0)),
    "translate_x": lambda p, a: affine(p, (1, 0, a, 0, 1, 0)),
    "translate_y": lambda p, a: affine(p, (1, 0, 0, 0, 1, a)),
    "rotate": lambda p, a: p.rotate(a, Image.Resampling.NEAREST, fillcolor=FILL),
    "auto_contrast": lambda p, _: ImageOps.autocontrast(p),
    "equalize": lambda p, _: ImageOps.equalize(p),
    "invert": lambda p, _: ImageOps.invert(p),
    "solarize": lambda p, a: ImageOps.solarize(p, a),
    "solarize_add": lambda p, a: p.point([min(v + a, 255) if v < 128 else v for v in range(256)] * 3),
    "posterize": lambda p, a: ImageOps.posterize(p, a),
    "contrast": lambda p, a: ImageEnhance.Contrast(p).enhance(a),
    "color": lambda p, a: ImageEnhance.Color(p).enhance(a),
    "brightness": lambda p, a: ImageEnhance.Brightness(p).enhance(a),
    "sharpness": lambda p, a: ImageEnhance.Sharpness(p).enhance(a),
    "cutout": cutout,
}

FACTORS = [0.1, 0.55, 1.0, 1.36, 1.9]
ARGUMENTS = {
    "shear_x": [0.3, -0.3, 0.1, -0.07],
    "shear_y": [0.3, -0.3, 0.1, -0.07],
    "translate_x": [4, -4, 0, 100, 4.464285714285714],
    "translate_y": [4, -4, 0, -100, -4.464285714285714],
    "rotate": [30, -30, 3, -12.5, 0],
    "auto_contrast": [0],
    "equalize": [0],
    "invert": [0],
    "solarize": [0, 26, 128, 255, 256],
    "solarize_add": [0, 33, 110],
    "posterize": [1, 2, 4, 7, 8],
    "contrast": FACTORS,
    "color": FACTORS,
    "brightness": FACTORS,
    "sharpness": FACTORS,
    "cutout": [[0, 0, 3, 2], [1, 2, 3, 3]],
}

# What these make of a pixel depends on others, or on where it is: they get all pictures.
WHOLE_PICTURE = ("shear_x", "shear_y", "rotate", "auto_contrast", "equalize", "contrast", "sharpness")


def cases():
    for name, run in OPERATIONS.items():
        for argument in ARGUMENTS[name]:
            for key, picture in IMAGES.items():
                if key != "noise" and name not in WHOLE_PICTURE:
                    continue
                yield {
                    "operation": name,
                    "argument": argument,
                    "image": key,
                    "pixels": run(picture, argument).tobytes().hex(),
                }


# --- policies, read from the packages' sources ------------------------------------------------------


def source(package, *path):
    root = pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0])
    return ast.parse(root.joinpath(*path).read_text())


def literals(tree):
    """Every list of pairs of (name, probability, magnitude) in a tree, as data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.List):
            try:
                value = ast.literal_eval(node)
            except ValueError:
                continue
            if len(value) == 25:
                yield [[list(operation) for operation in pair] for pair in value]


def function(tree, name):
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)


def policies():
    timm = source("timm", "data", "auto_augment.py")
    imagenet, cifar10, _svhn = literals(source("torchvision", "transforms", "autoaugment.py"))
    return [
        {"policy": "imagenet", "from": "torchvision", "pairs": imagenet},
        {"policy": "cifar10", "from": "torchvision", "pairs": cifar10},
        {"policy": "imagenet", "from": "timm original", "pairs": next(literals(function(timm, "auto_augment_policy_original")))},
        {"policy": "google", "from": "timm v0", "pairs": next(literals(function(timm, "auto_augment_policy_v0")))},
    ]


def main():
    packages = ("pillow", "torchvision", "timm")
    out = {
        "meta": {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages}},
        "images": {
            key: {"height": picture.height, "width": picture.width, "pixels": picture.tobytes().hex()}
            for key, picture in IMAGES.items()
        },
        "cases": list(cases()),
        "policies": policies(),
    }
    text = json.dumps(out, separators=(",", ":"))
    # One case a line, so that a change can be read.
    text = text.replace('},{"operation"', '},\n{"operation"').replace('},{"policy"', '},\n{"policy"')
    (HERE / "views.json").write_text(text + "\n")
    print(len(out["cases"]), "cases,", len(text), "bytes")


if __name__ == "__main__":
    main()
