"""Trains CrowdLite. One process, one thread; see README.md for the stages that made the weights in the tree."""

import argparse
import copy
import json
import os
import random
import re
import time

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from model import CrowdLite, load_encoder

cell_px = 8


def arguments():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--crowd", required=True, help="folder with pictures and points.json; 40 of it are held back for validation")
    a.add_argument("--more", help="a second crowd folder, all of it for training")
    a.add_argument("--negatives", help="folder of pictures without a person")
    a.add_argument("--out", required=True)
    a.add_argument("--init", help="encoder weights to start from")
    a.add_argument("--resume", help="a checkpoint to go on from")
    a.add_argument("--minutes", type=float, default=60)
    a.add_argument("--batch", type=int, default=8)
    a.add_argument("--crop", type=int, default=384)
    a.add_argument("--width", type=int, default=96)
    a.add_argument("--lr", type=float, default=1.5e-3)
    a.add_argument("--more-share", type=float, default=0.5)
    a.add_argument("--negative-share", type=float, default=0.4)
    a.add_argument("--smallest", type=float, default=0.5)
    a.add_argument("--largest", type=float, default=1.4)
    a.add_argument("--hold-back", type=int, default=40)
    a.add_argument("--freeze-bn", action="store_true")
    a.add_argument("--seed", type=int, default=0)
    return a.parse_args()


def crowd(folder):
    """Pictures in order of their number, because the held-back ones are chosen by position."""
    with open(f"{folder}/points.json") as f:
        points = json.load(f)
    names = sorted(points, key=lambda name: int(re.sub(r"\D", "", name) or 0))
    return [(f"{folder}/{name}", np.array(points[name], np.float32).reshape(-1, 2)) for name in names]


def split(items, hold_back):
    order = list(range(len(items)))
    random.Random(7).shuffle(order)
    return [items[i] for i in order[hold_back:]], [items[i] for i in order[:hold_back]]


def texture(r):
    """Ground without people: dark grass was counted as a crowd until such pictures were in the training."""
    side = 640
    t = np.zeros((side, side, 3), np.float32)
    amplitude = 1.0
    for octave in range(int(r.integers(3, 7))):
        n = int(2 ** (octave + 2))
        k = r.normal(0, 1, (n, n, 1 if r.random() < 0.6 else 3)).astype(np.float32)
        k = cv2.resize(k, (side, side), interpolation=cv2.INTER_CUBIC)
        t = t + (k[:, :, None] if k.ndim == 2 else k) * amplitude
        amplitude *= float(r.uniform(0.5, 1.1))
    if r.random() < 0.7:
        t = t + r.normal(0, float(r.uniform(0.3, 2)), (side, side, 1)).astype(np.float32)
    t = t / (t.std() + 1e-3) * float(r.uniform(6, 35))
    base = r.uniform(20, 200, 3) if r.random() < 0.4 else np.array([0.6, 1.0, 0.5]) * r.uniform(25, 150)
    return np.clip(t + base.astype(np.float32), 0, 255).astype(np.uint8)


def sample(picture, points, r, a):
    """One random crop, flipped and re-lit, with its people counted into cells."""
    side = a.crop
    h, w = picture.shape[:2]
    scale = float(np.exp(r.uniform(np.log(a.smallest), np.log(a.largest))))
    c = min(int(round(side / scale)), h, w)
    y, x = int(r.integers(0, h - c + 1)), int(r.integers(0, w - c + 1))
    crop = picture[y : y + c, x : x + c]
    q = points - np.array([x, y], np.float32)
    q = q[(q[:, 0] >= 0) & (q[:, 1] >= 0) & (q[:, 0] < c) & (q[:, 1] < c)] * (side / c)
    crop = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA if c > side else cv2.INTER_LINEAR)
    if r.random() < 0.5:
        crop = crop[:, ::-1]
        q = q.copy()
        q[:, 0] = side - 1e-3 - q[:, 0]
    t = crop.astype(np.float32) / 255
    if r.random() < 0.7:
        t = t ** float(np.exp(r.uniform(-0.4, 0.4))) * float(r.uniform(0.7, 1.25))
        m = t.mean()
        t = (t - m) * float(r.uniform(0.7, 1.3)) + m
    if r.random() < 0.3:
        t = t * r.uniform(0.85, 1.15, (1, 1, 3)).astype(np.float32)
    if r.random() < 0.1:
        t = np.repeat(t.mean(2, keepdims=True), 3, 2)
    if r.random() < 0.15:
        t = cv2.GaussianBlur(t, (0, 0), float(r.uniform(0.4, 1.3)))
    if r.random() < 0.15:
        t = t + r.normal(0, float(r.uniform(0.01, 0.04)), t.shape).astype(np.float32)
    cells = np.zeros((side // cell_px, side // cell_px), np.float32)
    if len(q):
        k = np.minimum((q / cell_px).astype(int), side // cell_px - 1)
        np.add.at(cells, (k[:, 1], k[:, 0]), 1)
    t = np.ascontiguousarray(np.clip(t, 0, 1).transpose(2, 0, 1), dtype=np.float32)
    return torch.from_numpy(t), torch.from_numpy(cells)[None]


class Samples(torch.utils.data.IterableDataset):
    def __init__(self, a, crowd_items, more, negatives):
        self.a, self.crowd, self.more, self.negatives = a, crowd_items, more, negatives
        self.bytes = {f: open(f, "rb").read() for f, _ in crowd_items + more + negatives}

    def __iter__(self):
        r = np.random.default_rng(self.a.seed)
        while True:
            pick = lambda items, share: [items[i] for i in r.permutation(len(items))[: int(len(items) * share)]]
            nothing = [(None, np.zeros((0, 2), np.float32))] * (25 if self.negatives else 0)
            order = list(self.crowd) + pick(self.more, self.a.more_share) + pick(self.negatives, self.a.negative_share) + nothing
            random.Random(int(r.integers(1 << 30))).shuffle(order)
            for f, points in order:
                picture = texture(r) if f is None else cv2.imdecode(np.frombuffer(self.bytes[f], np.uint8), 1)[:, :, ::-1]
                yield sample(picture, points, r, self.a)


def zero_inflated_nll(empty, people, y):
    """y = 0: log(pi + (1 - pi) e^-lambda); y > 0: log(1 - pi) + y log lambda - lambda - log y!"""
    log_empty, log_taken = F.logsigmoid(empty), F.logsigmoid(-empty)
    zero = torch.logaddexp(log_empty, log_taken - people)
    some = log_taken + y * torch.log(people) - people - torch.lgamma(y + 1)
    return -torch.where(y > 0, some, zero)


def evaluate(net, items):
    net.eval()
    counted, truth = [], []
    with torch.no_grad():
        for f, points in items:
            picture = cv2.imread(f)[:, :, ::-1]
            h, w = picture.shape[:2]
            x = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
            counted.append(float(net(F.pad(x, (0, -w % 32, 0, -h % 32))).sum()))
            truth.append(len(points))
    e = np.array(counted) - np.array(truth)
    return {"mae": float(np.abs(e).mean()), "rmse": float(np.sqrt((e**2).mean())), "bias": float(e.mean())}


def main():
    a = arguments()
    os.makedirs(a.out, exist_ok=True)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    random.seed(a.seed)
    np.random.seed(a.seed)
    torch.manual_seed(a.seed)
    train_items, held_back = split(crowd(a.crowd), a.hold_back)
    more = crowd(a.more) if a.more else []
    negatives = [(f"{a.negatives}/{f}", np.zeros((0, 2), np.float32)) for f in sorted(os.listdir(a.negatives))] if a.negatives else []

    net = CrowdLite(a.width)
    if a.init:
        load_encoder(net, a.init)
    if a.resume:
        net.load_state_dict(torch.load(a.resume, weights_only=True))
    average = copy.deepcopy(net).eval()
    encoder = list(net.encoder.parameters())
    decoder = [p for name, p in net.named_parameters() if not name.startswith("encoder.")]
    optimiser = torch.optim.AdamW([{"params": encoder, "lr": a.lr * 0.4}, {"params": decoder, "lr": a.lr}], weight_decay=1e-4)
    base = [group["lr"] for group in optimiser.param_groups]
    batches = iter(torch.utils.data.DataLoader(Samples(a, train_items, more, negatives), batch_size=a.batch, num_workers=1, prefetch_factor=6))

    def train_mode():
        net.train()
        if a.freeze_bn:
            for layer in net.modules():
                if isinstance(layer, torch.nn.BatchNorm2d):
                    layer.eval()

    def check(minutes):
        nonlocal best
        scores = evaluate(average, held_back)
        print(json.dumps({"minutes": round(minutes, 1), "step": step, **scores}), flush=True)
        torch.save(average.state_dict(), f"{a.out}/last.pt")
        if scores["mae"] < best:
            best = scores["mae"]
            torch.save(average.state_dict(), f"{a.out}/best.pt")
        train_mode()

    started, step, best, next_check, whole = time.time(), 0, float("inf"), 180.0, a.minutes * 60
    train_mode()
    while (elapsed := time.time() - started) < whole:
        warm = min(1, (step + 1) / 150) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * elapsed / whole)))
        for group, lr in zip(optimiser.param_groups, base):
            group["lr"] = lr * warm
        x, y = next(batches)
        empty, people = net.raw(x)
        density = torch.sigmoid(-empty) * people
        loss = zero_inflated_nll(empty, people, y).mean() * 4
        for s in (2, 4, 8):
            loss = loss + (F.avg_pool2d(density, s) * s * s - F.avg_pool2d(y, s) * s * s).abs().mean() / s
        counted, truth = density.sum((1, 2, 3)), y.sum((1, 2, 3))
        loss = loss + 0.5 * ((counted - truth).abs() / (truth + 20)).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        with torch.no_grad():
            decay = min(0.998, (1 + step) / (10 + step))
            for kept, new in zip(average.state_dict().values(), net.state_dict().values()):
                kept.lerp_(new, 1 - decay) if kept.dtype.is_floating_point else kept.copy_(new)
        if elapsed > next_check:
            next_check = elapsed + 180
            check(elapsed / 60)
    check(a.minutes)


if __name__ == "__main__":
    main()
