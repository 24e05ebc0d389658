"""CIFAR files as an `.npz`, written without NumPy."""

import zipfile


def write_npz(path, cifar):
    """Images and labels of two CIFAR files as arrays, channels last."""
    with zipfile.ZipFile(path, "w") as archive:
        for split, name in (("train", "data_batch_1.bin"), ("test", "test_batch.bin")):
            content = (cifar / name).read_bytes()
            records = [content[k : k + 3073] for k in range(0, len(content), 3073)]
            pixels = bytearray(3072 * len(records))
            for k, record in enumerate(records):
                for channel in range(3):
                    plane = record[1 + 1024 * channel : 1025 + 1024 * channel]
                    pixels[3072 * k + channel : 3072 * (k + 1) : 3] = plane
            shape = (len(records), 32, 32, 3)
            archive.writestr(f"x_{split}.npy", npy(shape, pixels))
            archive.writestr(f"y_{split}.npy", npy(shape[:1], bytes(record[0] for record in records)))


def npy(shape, content):
    header = str({"descr": "|u1", "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(content)
