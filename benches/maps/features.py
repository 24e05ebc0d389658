"""Writes the points that compare.py maps: features.py CIFAR_DIR OUT_DIR [N [FEATURES.npy]]

cifar.f32     N CIFAR-10 images (official binary layout) as random-patch features, PCA to 50
clusters.f32  N points in 20 Gaussian clusters of unequal size and width, 50 dimensions
encoder.f32   the first N rows that `supcon embed` wrote to FEATURES.npy, labels in FEATURES_labels.npy
Each as little-endian f32 [N, dimensions], with NAME.labels as uint8 [N].
"""
import pathlib, sys
import numpy as np

DIM = 50


def images(folder, n):
    files = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    records = np.concatenate([np.fromfile(folder / f, np.uint8).reshape(-1, 3073) for f in files])[:n]
    return records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255, records[:, 0]


def patches(x, stride):
    """6x6 patches [n, places, 108], each centred and scaled."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (6, 6), axis=(2, 3))[:, :, ::stride, ::stride]
    p = windows.transpose(0, 2, 3, 1, 4, 5).reshape(len(x), -1, 108)
    p = p - p.mean(-1, keepdims=True)
    return p / np.sqrt(p.var(-1, keepdims=True) + 0.01)


def random_patch_features(x, rng, count=128):
    """Coates, Lee and Ng 2011: random patches as filters, two-sided threshold, quadrants summed."""
    sample = patches(x[rng.choice(len(x), 1000)], 3).reshape(-1, 108)
    filters = sample[rng.choice(len(sample), count, replace=False)]
    filters /= np.linalg.norm(filters, axis=1, keepdims=True)
    out = []
    for chunk in np.array_split(x, max(1, len(x) // 250)):
        a = patches(chunk, 3) @ filters.T
        side = int(np.sqrt(a.shape[1]))
        a = np.concatenate([np.maximum(a - 1, 0), np.maximum(-a - 1, 0)], -1)
        a = a.reshape(len(chunk), side, side, -1)
        h = (side + 1) // 2
        out.append(np.concatenate([a[:, i:i + h, j:j + h].sum((1, 2)) for i in (0, h) for j in (0, h)], -1))
    return np.sqrt(np.concatenate(out))


def pca(x, dim):
    x = x - x.mean(0)
    _, vectors = np.linalg.eigh(x.T @ x)
    return x @ vectors[:, ::-1][:, :dim]


def clusters(n, rng):
    label = rng.choice(20, n, p=rng.dirichlet(np.full(20, 5.0)))
    width = rng.uniform(0.5, 1.5, 20)
    return rng.normal(size=(20, DIM))[label] * 1.5 + rng.normal(size=(n, DIM)) * width[label, None], label


def main():
    folder, out = map(pathlib.Path, sys.argv[1:3])
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    x, labels = images(folder, n)
    sets = [("cifar", pca(random_patch_features(x, rng), DIM), labels), ("clusters", *clusters(n, rng))]
    if len(sys.argv) > 4:
        features = pathlib.Path(sys.argv[4])
        encoder_labels = np.load(features.with_name(features.stem + "_labels.npy"))
        sets.append(("encoder", np.load(features)[:n], encoder_labels[:n]))
    for name, points, labels in sets:
        np.ascontiguousarray(points, "<f4").tofile(out / f"{name}.f32")
        labels.astype(np.uint8).tofile(out / f"{name}.labels")
        print(name, points.shape)


if __name__ == "__main__":
    main() if len(sys.argv) > 2 else sys.exit(__doc__)
