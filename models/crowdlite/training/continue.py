"""Goes on from a checkpoint of train.py: one process, one thread, frozen BatchNorm, stopped by its share of the processor (a shared machine then changes nothing). See README.md.

An absolute difference has the median as its best answer, which in a sparse block is "nobody": it taught the first weights to
count too few wherever they were unsure. A deviance has the mean. The deviance alone was tried and counted a quarter too many in
known streets after 15 minutes; most of the absolute difference stays."""

import argparse
import copy
import json
import os
import time

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from model import CrowdLite
from sampling import batches, decoded, nobody, without_people
from train import crowd, split, texture, zero_inflated_nll


def arguments():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--crowd", required=True, help="folder with pictures and points.json; some are held back for validation")
    a.add_argument("--more", required=True, help="a second crowd folder, some held back likewise")
    a.add_argument("--negatives", required=True, help="folder of pictures and clips without a person")
    a.add_argument("--out", required=True)
    a.add_argument("--resume", required=True, help="a checkpoint to go on from; what it lacks starts as it is built")
    a.add_argument("--minutes", type=float, default=60)
    a.add_argument("--last-stage", type=float, default=0.8, help="from this share of the time on: fewer, larger crops, near true size; what helped most")
    a.add_argument("--batch", type=int, default=4)
    a.add_argument("--crop", type=int, default=448)
    a.add_argument("--lr", type=float, default=3e-4)
    a.add_argument("--more-share", type=float, default=0.6)
    a.add_argument("--negative-share", type=float, default=0.4)
    a.add_argument("--textures", type=int, default=60)
    a.add_argument("--smallest", type=float, default=0.75)
    a.add_argument("--largest", type=float, default=1.4)
    a.add_argument("--hold-back", type=int, default=40)
    a.add_argument("--check-every", type=float, default=300, help="seconds")
    a.add_argument("--seed", type=int, default=0)
    return a.parse_args()


def loss_of(net, x, y):
    # Half precision for the wide layers took 0.6 times as long; the heads keep all their digits.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = net.features(x.to(memory_format=torch.channels_last))
    empty, people = net.heads(features.float())
    density = torch.sigmoid(-empty) * people
    loss = zero_inflated_nll(empty, people, y).mean() * 4
    for s in (2, 4, 8):
        block, truth = F.avg_pool2d(density, s) * s * s, F.avg_pool2d(y, s) * s * s
        deviance = block - truth + truth * (torch.log(truth + 1e-2) - torch.log(block + 1e-2))
        loss = loss + (0.7 * (block - truth).abs().mean() + 0.3 * deviance.mean()) / s
    counted, truth = density.sum((1, 2, 3)), y.sum((1, 2, 3))
    # Quadratic up to four standard deviations of chance, so that one odd crop does not pull the rest.
    return loss + 0.06 * F.huber_loss((counted - truth) / (truth + 20).sqrt(), torch.zeros_like(truth), delta=4.0)


def scores(net, items):
    counted = []
    with torch.no_grad():
        for picture, _ in items:
            h, w = picture.shape[:2]
            x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
            counted.append(float(net(F.pad(x, (0, -w % 32, 0, -h % 32))).sum()))
    e = np.array(counted) - np.array([len(points) for _, points in items])
    return {"mae": round(float(np.abs(e).mean()), 2), "rmse": round(float(np.sqrt((e**2).mean())), 2), "bias": round(float(e.mean()), 2)}


def main():
    a = arguments()
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    r = np.random.default_rng(a.seed)
    os.makedirs(a.out, exist_ok=True)
    crowd_items, held_back = map(decoded, split(crowd(a.crowd), a.hold_back))
    more, more_held_back = map(decoded, split(crowd(a.more), a.hold_back))
    negatives = without_people(a.negatives)
    sets = [(crowd_items, 1.0), (more, a.more_share), (negatives, a.negative_share), ([(texture(r), nobody) for _ in range(a.textures)], 0.4)]
    print(json.dumps({name: len(items) for name, items in zip(("crowd", "more", "negatives", "textures"), (s[0] for s in sets))}), flush=True)

    net = CrowdLite(fine=True).eval().to(memory_format=torch.channels_last)
    missing = net.load_state_dict(torch.load(a.resume, weights_only=True), strict=False)
    print(f"new: {missing.missing_keys}, dropped: {missing.unexpected_keys}", flush=True)
    for name, p in net.encoder.named_parameters():
        # A fifth of the time, and what it has learnt of edges and colours is not what is wrong.
        p.requires_grad_(not name.startswith(("first_conv", "stage2")))
    average = copy.deepcopy(net)
    new = [p for name, p in net.named_parameters() if name.startswith("fine.")]
    encoder = [p for p in net.encoder.parameters() if p.requires_grad]
    decoder = [p for name, p in net.named_parameters() if not name.startswith(("encoder.", "fine."))]
    groups = [{"params": encoder, "lr": a.lr * 0.4}, {"params": decoder, "lr": a.lr}, {"params": new, "lr": a.lr}]
    optimiser = torch.optim.AdamW(groups, weight_decay=1e-4)
    base = [group["lr"] for group in optimiser.param_groups]

    def check(minutes):
        record = {"minutes": round(minutes, 1), "step": step, "loss": round(total / max(1, since), 4)}
        print(json.dumps({**record, "held_back": scores(average, held_back), "more_held_back": scores(average, more_held_back)}), flush=True)
        torch.save(average.state_dict(), f"{a.out}/at{round(minutes):03d}.pt")

    started, step, total, since, next_check, whole = time.process_time(), 0, 0.0, 0, a.check_every, a.minutes * 60
    stream, last_stage = batches(sets, r, a.crop, a.batch, a.smallest, a.largest), False
    while (elapsed := time.process_time() - started) < whole:
        if not last_stage and elapsed > whole * a.last_stage:
            last_stage, stream = True, batches(sets, r, 768, 2, 0.85, 1.25)
        warm = min(1, (step + 1) / 40) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * elapsed / whole)))
        for group, lr in zip(optimiser.param_groups, base):
            group["lr"] = lr * warm
        loss = loss_of(net, *next(stream))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step, since, total = step + 1, since + 1, total + float(loss.detach())
        with torch.no_grad():
            decay = min(0.995, (1 + step) / (10 + step))
            for kept, now in zip(average.parameters(), net.parameters()):
                kept.lerp_(now, 1 - decay)
        if elapsed > next_check:
            next_check = elapsed + a.check_every
            check(elapsed / 60)
            total, since = 0.0, 0
    check(a.minutes)
    torch.save(average.state_dict(), f"{a.out}/last.pt")


if __name__ == "__main__":
    main()
