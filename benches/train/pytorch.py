#!/usr/bin/env python3
"""PyTorch's step of the networks of `cargo xtask bench train`, on the CPU: same rows, same threads.

Forward, backward and SGD with momentum of encoder and linear head on images that lie ready, as the
bench's bare network; then the gap by kind of layer: convolution, batch normalisation, ReLU, alone.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

ROWS, DIM = 256, 128


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.first = conv_norm(inputs, width, 3, stride)
        self.second = conv_norm(width, width, 3, 1)
        changes = stride != 1 or inputs != width
        self.shortcut = conv_norm(inputs, width, 1, stride) if changes else nn.Identity()

    def forward(self, x):
        return functional.relu(self.second(functional.relu(self.first(x))) + self.shortcut(x))


def conv_norm(inputs, width, kernel, stride):
    conv = nn.Conv2d(inputs, width, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(width))


def network(name):
    widths, blocks = {
        "tiny": ([16, 32, 64, 128], 0),
        "resnet-20": ([16, 32, 64], 3),
        "resnet-18": ([64, 128, 256, 512], 2),
    }[name]
    layers, inputs = [], 3
    if blocks:
        layers += [conv_norm(3, widths[0], 3, 1), nn.ReLU()]
        inputs = widths[0]
    for stage, width in enumerate(widths):
        if not blocks:
            layers += [conv_norm(inputs, width, 3, 2), nn.ReLU()]
        for block in range(blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            layers.append(Block(inputs if block == 0 else width, width, stride))
        inputs = width
    pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], DIM)]
    return nn.Sequential(*layers, *pool)


def timed(step, count):
    for _ in range(2):
        step()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    quartiles = statistics.quantiles(seconds, n=4)
    return [1e3 * x for x in (statistics.median(seconds), quartiles[0], quartiles[2])]


def training(name, channels_last):
    model = network(name)
    images = torch.rand(ROWS, 3, 32, 32)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad()
        loss = model(images).square().mean()
        loss.backward()
        optimizer.step()
        assert torch.isfinite(loss)

    return step


def layer(kind):
    """Forward and backward of one layer of ResNet-20's middle: 32 channels of 16 by 16."""
    module = {
        "convolution 32→32, 3×3": nn.Conv2d(32, 32, 3, padding=1, bias=False),
        "batch normalisation": nn.BatchNorm2d(32),
        "relu": nn.ReLU(),
    }[kind]
    x = torch.rand(ROWS, 32, 16, 16, requires_grad=True)

    def step():
        module(x).square().mean().backward()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--count", type=int, default=30)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"PyTorch {torch.__version__}, {arguments.threads} threads, {ROWS} rows, n = {arguments.count}; ms, median [quartiles]")
    for name in ("tiny", "resnet-20", "resnet-18"):
        for channels_last in (False, True):
            median, low, high = timed(training(name, channels_last), arguments.count)
            layout = "channels last" if channels_last else "NCHW"
            print(f"{name:<10} {layout:<14} {median:9.2f} [{low:.2f}–{high:.2f}]", flush=True)
    for kind in ("convolution 32→32, 3×3", "batch normalisation", "relu"):
        median, low, high = timed(layer(kind), arguments.count)
        print(f"{kind:<25} {median:9.2f} [{low:.2f}–{high:.2f}]", flush=True)


if __name__ == "__main__":
    main()
