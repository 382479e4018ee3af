"""Writes oddity.onnx: how odd the newest value of many series is, from what the station remembers of them.

Nothing here is learnt by gradient: the graph holds the arithmetic and nine constants, chosen on the Numenta benchmark
(card.md says how, and how many were looked at). State lies outside, so that one run serves every series of the station.

    python3 export.py ../oddity.onnx          (torch, onnx, onnxruntime, numpy)
"""
import sys

import numpy as np
import onnx
import onnxruntime
import torch

RECENT = 4000   # residuals remembered, in any order
BLOCKS = 1344   # means of six steps remembered, newest last: eight thousand steps
LAGS = 15       # the same time of day 1, 2, 3, 5 and 7 days ago, one step before and after
FAR = 1e30


class Oddity(torch.nn.Module):
    # Ratios are worth this much of the score: same time, level, what is new; the hour by itself counts for so much.
    same_time, level, novel, hour = 1.0, 1.0, 1.0, 0.6
    # How far the usual residual is that of this hour, and not of all hours.
    own_hour = 0.7
    # Which quantile of the past a ratio is measured by.
    same_time_quantile, hour_quantile = 0.995, 0.998
    # The band that held nine values in ten on the other half of the benchmark.
    band = 2.2
    # Nothing is judged before this many residuals are known.
    warm = 60.0

    def forward(self, value, same_time, same_time_residuals, residuals, hours, remembered, blocks, blocks_seen, peaks):
        mean = self.mean_of_blocks(blocks, blocks_seen)
        usual, known = self.median(same_time)
        usual = torch.where(known, usual, mean)
        residual = torch.where(known, (value - usual).abs(), torch.zeros_like(value))
        deviation = torch.where(blocks_seen > 0, (value - mean).abs(), torch.zeros_like(value))

        place = torch.arange(RECENT).to(torch.float32)[None]
        inside = (place < remembered[:, None]).to(torch.float32)
        overall = (residuals * inside).sum(1) / remembered.clamp(min=1)
        of_hour, hour_known = self.mean(same_time_residuals)
        scale = torch.where(hour_known, self.own_hour * of_hour + (1 - self.own_hour) * overall, overall)
        hour = torch.where(known & (remembered > 0), residual / (scale + 1e-9), torch.zeros_like(value))

        warm = (remembered >= self.warm).to(torch.float32)
        same = warm * residual / (self.quantile(residuals, inside, remembered, self.same_time_quantile) + 1e-9)
        own = warm * hour / (self.quantile(hours, inside, remembered, self.hour_quantile) + 1e-9)
        fresh = self.novelties(blocks, blocks_seen)
        parts = torch.cat([deviation[:, None], fresh], 1)
        past = torch.where(peaks > 0, parts / (peaks + 1e-9), torch.zeros_like(parts))
        ratios = torch.stack([same, past[:, 0], past[:, 1:].mean(1), own], 1)
        # Where nothing is known of other days, level and novelty speak alone.
        together = self.same_time * ratios[:, 0] + self.level * ratios[:, 1] + self.novel * ratios[:, 2]
        score = torch.maximum(together / (self.same_time * warm + self.level + self.novel), self.hour * ratios[:, 3])
        # Where there is no same time of another day there is no band either.
        wide = torch.where(known, self.band * scale, torch.full_like(scale, float("nan")))
        return usual, usual - wide, usual + wide, residual, hour, parts, ratios, score

    def mean_of_blocks(self, blocks, seen):
        there = (torch.arange(BLOCKS).to(torch.float32)[None] >= BLOCKS - seen[:, None]).to(torch.float32)
        return (blocks * there).sum(1) / seen.clamp(min=1)

    def mean(self, values):
        unknown = torch.isnan(values)
        count = (~unknown).to(torch.float32).sum(1)
        return torch.where(unknown, torch.zeros_like(values), values).sum(1) / count.clamp(min=1), count > 0

    def median(self, values):
        unknown = torch.isnan(values)
        count = (~unknown).to(torch.int64).sum(1)
        ordered = torch.topk(torch.where(unknown, torch.full_like(values, FAR), values), LAGS, 1, largest=False)[0]
        low = ((count - 1).clamp(min=0) // 2)[:, None]
        high = (count.clamp(min=1) // 2)[:, None]
        return ((torch.gather(ordered, 1, low) + torch.gather(ordered, 1, high)) / 2)[:, 0], count > 0

    def quantile(self, values, inside, count, q):
        """Between the two neighbours, from the top: only the top is ever sorted."""
        top = torch.topk(torch.where(inside > 0, values, torch.full_like(values, -FAR)), int((1 - q) * RECENT) + 2, 1)[0]
        rank = ((1 - q) * (count - 1)).clamp(min=0)
        low = rank.floor()
        above = torch.gather(top, 1, low.to(torch.int64)[:, None])[:, 0]
        below = torch.gather(top, 1, (low + 1).to(torch.int64)[:, None])[:, 0]
        return torch.where(count > 1, above + (rank - low) * (below - above), torch.zeros_like(count))

    def novelties(self, blocks, seen):
        """How far the last one, two and three blocks are from the three places in the past that are most like them."""
        first = BLOCKS - seen[:, None]
        found = []
        for m in (1, 2, 3):
            # Windows that end before the newest one begins: at BLOCKS - m at the latest.
            ends = BLOCKS - m
            far = sum((blocks[:, m - 1 - t : ends - t] - blocks[:, BLOCKS - 1 - t : BLOCKS - t]).abs() for t in range(m))
            begins = torch.arange(ends - m + 1).to(torch.float32)[None]
            nearest = torch.topk(torch.where(begins >= first, far, torch.full_like(far, FAR)), 3, 1, largest=False)[0]
            enough = seen >= 2 * m + 2
            found.append(torch.where(enough, nearest.mean(1) / m, torch.zeros_like(seen)))
        return torch.stack(found, 1)


INPUTS = {
    "value": (),
    "same_time": (LAGS,),
    "same_time_residuals": (LAGS,),
    "residuals": (RECENT,),
    "hours": (RECENT,),
    "remembered": (),
    "blocks": (BLOCKS,),
    "blocks_seen": (),
    "peaks": (4,),
}
OUTPUTS = ["usual", "low", "high", "residual", "hour", "parts", "ratios", "score"]


def main(path):
    torch.manual_seed(1)
    example = [torch.rand(2, *shape) for shape in INPUTS.values()]
    example[5] = torch.tensor([4000.0, 75.0])
    example[7] = torch.tensor([1344.0, 20.0])
    example[1][1, 3:] = float("nan")
    model = Oddity().eval()
    axes = {name: {0: "series"} for name in [*INPUTS, *OUTPUTS]}
    torch.onnx.export(model, tuple(example), path, input_names=list(INPUTS), output_names=OUTPUTS, dynamic_axes=axes, opset_version=17, dynamo=False)
    onnx.checker.check_model(onnx.load(path))
    session = onnxruntime.InferenceSession(path)
    said = session.run(None, {name: value.numpy() for name, value in zip(INPUTS, example)})
    with torch.no_grad():
        wanted = model(*example)
    print("worst difference to torch", max(float(np.nanmax(np.abs(a - b.numpy()))) for a, b in zip(said, wanted)))


if __name__ == "__main__":
    main(sys.argv[1])
