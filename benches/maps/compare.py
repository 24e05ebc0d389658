"""Our maps against scikit-learn's t-SNE and umap-learn: compare.py EXAMPLE POINTS_DIR [ROUNDS] [METHOD...]

EXAMPLE is supcon-map's example `map`, POINTS_DIR what features.py wrote, METHOD tsne or umap. Ours and theirs
take turns, ROUNDS times (3), with the same points, perplexity or neighbours, and iterations, on
two threads each; umap-learn, which compiles itself, runs once before on the same points. With a
seed umap-learn runs on one thread only, so it is timed both with and without. One judge for both:
scikit-learn's trustworthiness with 15 neighbours, and the share of these that the map keeps. Times include neighbours, not reading
the points; CPU seconds are those of all threads.
"""
import os

THREADS = "2"
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[name] = THREADS
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # on a busy machine spinning threads would only hurt scikit-learn

import json, pathlib, resource, subprocess, sys, tempfile, time, warnings
import numpy as np
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

warnings.filterwarnings("ignore")
K = 15


def read(file):
    labels = np.fromfile(file.with_suffix(".labels"), np.uint8)
    return np.fromfile(file, "<f4").reshape(len(labels), -1), labels


def neighbors(x):
    return NearestNeighbors(n_neighbors=K).fit(x).kneighbors(return_distance=False)


def preserved(x, layout):
    """Share of each point's K nearest neighbours that are among its K nearest in the map."""
    pairs = zip(neighbors(x), neighbors(layout))
    return np.mean([len(np.intersect1d(before, after)) / K for before, after in pairs])


def ours(example, file, dim, config, seed):
    with tempfile.TemporaryDirectory() as folder:
        layout = pathlib.Path(folder) / "layout.f32"
        command = [example, str(file), str(dim), json.dumps(config), str(seed), str(layout)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        secs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        secs["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return secs, np.fromfile(layout, "<f4").reshape(-1, 2)


def theirs(method, x, seed):
    if method == "tsne":
        model = TSNE(perplexity=30, max_iter=1000, init="pca", learning_rate="auto", random_state=seed, n_jobs=2)
    else:
        import umap
        epochs = 500 if len(x) <= 10_000 else 200
        model = umap.UMAP(n_neighbors=15, min_dist=0.1, n_epochs=epochs, random_state=seed,
                          n_jobs=1 if seed is not None else 2)
    start, cpu = time.perf_counter(), time.process_time()
    layout = model.fit_transform(x)
    return time.perf_counter() - start, time.process_time() - cpu, layout, getattr(model, "n_iter_", None)


def spread(values):
    return f"{np.median(values):7.2f} [{min(values):.2f}-{max(values):.2f}]"


def compare(example, file, method, rounds):
    x, labels = read(file)
    config = {"tsne": {"perplexity": 30, "iterations": 1000}} if method == "tsne" else {"umap": {"n_neighbors": 15}}
    sides = {"seeded": lambda seed: seed} | ({"unseeded": lambda _: None} if method == "umap" else {})
    secs = {name: [] for name in ["ours", "ours first picture", *sides]}
    cpu = {name: [] for name in ["ours", *sides]}
    trust = {name: [] for name in ["ours", *sides]}
    kept = {name: [] for name in ["ours", *sides]}
    apart = {name: [] for name in ["ours", *sides]}
    if method == "umap":
        for seed in (0, None):
            theirs(method, x, seed)
    for seed in range(rounds):
        t, layout = ours(example, file, x.shape[1], config, seed)
        secs["ours"].append(t["total"])
        cpu["ours"].append(t["cpu"])
        secs["ours first picture"].append(t["first_picture"])
        layouts = {"ours": layout}
        for name, choose in sides.items():
            t, t_cpu, layouts[name], iterations = theirs(method, x, choose(seed))
            secs[name].append(t)
            cpu[name].append(t_cpu)
            print(f"  round {seed}: ours {secs['ours'][-1]:.2f} s, theirs ({name}) {t:.2f} s, n_iter {iterations}, "
                  f"load {os.getloadavg()[0]:.1f}", flush=True)
        for name, layout in layouts.items():
            if len(x) <= 10_000:
                trust[name].append(trustworthiness(x, layout, n_neighbors=K))
                kept[name].append(preserved(x, layout))
                apart[name].append(silhouette_score(layout, labels))
    print(f"{file.stem} n={len(x)} {method}")
    for name, values in secs.items():
        ratio = np.median(np.array(values) / np.array(secs["ours"]))
        if name in cpu:
            cpu_ratio = np.median(np.array(cpu[name]) / np.array(cpu["ours"]))
            used = f"CPU {np.median(cpu[name]):6.2f} s x{cpu_ratio:.2f}"
        else:
            used = ""
        quality = ""
        if trust.get(name):
            quality = (f"trustworthiness {np.mean(trust[name]):.4f}  neighbours kept {np.mean(kept[name]):.4f}  "
                       f"silhouette {np.mean(apart[name]):.3f}")
        print(f"  {name:20} {spread(values)} s  x{ratio:.2f} of ours  {used}  {quality}", flush=True)


def main():
    example, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    for file in sorted(folder.glob("*.f32")):
        for method in sys.argv[4:] or ["tsne", "umap"]:
            compare(example, file, method, rounds)


if __name__ == "__main__":
    main() if len(sys.argv) > 2 else sys.exit(__doc__)
