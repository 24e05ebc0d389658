"""Reads a checkpoint of supcon into NumPy arrays (pip install safetensors numpy).

usage: python docs/load_checkpoint.py runs/NAME/checkpoints/1-supcon-contrastive-s0.safetensors
"""

import json
import sys

from safetensors import safe_open

with safe_open(sys.argv[1], framework="numpy") as file:
    metadata = file.metadata()
    position = json.loads(metadata["supcon"])  # stage, step, hashes of configuration and data
    expects = json.loads(metadata["input"])  # height, width, normalisation (mean, std), classes
    weights = {name: file.get_tensor(name) for name in file.keys()}

print(f"stage {position['stage']}, step {position['step']}, classes {expects['classes']}")
for name, array in sorted(weights.items()):
    print(name, array.dtype, list(array.shape), float(array.sum(dtype="float64")))
