"""What the peers' scripts share: arguments, clocks and lines."""

import argparse
import statistics
import time

BATCHES = 8
SIZES = [(64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048), (64, 784, 512)]
MANY = 1 << 20
# Name, samples, channels of input and output, image, kernel, stride, padding, groups; as in `src/convolutions.rs`.
CONVOLUTIONS = [
    ("3x3_32_32", 32, 32, 32, 32, 3, 1, 1, 1),
    ("3x3_64_16", 32, 64, 64, 16, 3, 1, 1, 1),
    ("3x3_128_8", 32, 128, 128, 8, 3, 1, 1, 1),
    ("3x3_64_56", 4, 64, 64, 56, 3, 1, 1, 1),
    ("3x3_first_3_32", 32, 3, 32, 32, 3, 1, 1, 1),
    ("3x3_stride2_32_64", 32, 32, 64, 32, 3, 2, 1, 1),
    ("3x3_depthwise_64", 32, 64, 64, 32, 3, 1, 1, 64),
    ("3x3_grouped_64_4", 32, 64, 64, 16, 3, 1, 1, 4),
    ("1x1_64_256", 32, 64, 256, 16, 1, 1, 0, 1),
    ("1x1_256_64", 32, 256, 64, 16, 1, 1, 0, 1),
    ("5x5_16_32", 32, 16, 32, 28, 5, 1, 2, 1),
    ("7x7_stride2_stem", 4, 3, 64, 224, 7, 2, 3, 1),
    ("2x2_stride2_64_32", 32, 32, 64, 32, 2, 2, 0, 1),
    ("batch1_3x3_64_16", 1, 64, 64, 16, 3, 1, 1, 1),
    ("batch1_3x3_stride2_64", 1, 64, 64, 32, 3, 2, 1, 1),
    ("batch1_1x1_64_256", 1, 64, 256, 16, 1, 1, 0, 1),
]
SOFTMAX = [(64, 10), (768, 65), (1024, 1024)]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("--secs", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def times(seconds, work):
    """Seconds a call, one number a round of at least 200 microseconds."""

    def clock(calls):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return time.perf_counter() - start

    work()
    calls = 1
    while clock(calls) < 2e-4:
        calls *= 2
    rounds, end = [], time.perf_counter() + seconds
    while len(rounds) < 3 or time.perf_counter() < end:
        rounds.append(clock(calls) / calls)
    return rounds


class Printer:
    def __init__(self, peer, options):
        self.peer, self.options = peer, options

    def line(self, metric, value, peer=None):
        print(f"{self.options.workload},{peer or self.peer},{self.options.threads},{metric},{value:.4f}", flush=True)

    def rounds(self, metric, share, work, peer=None):
        rounds = times(self.options.secs * share, work)
        self.line(f"{metric}_us_min", min(rounds) * 1e6, peer)
        self.line(f"{metric}_us_med", statistics.median(rounds) * 1e6, peer)

    def least(self, share, work):
        return min(times(self.options.secs * share, work))
