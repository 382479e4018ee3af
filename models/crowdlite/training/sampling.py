"""Crops for continue.py. Everything is decoded once and kept in memory: decoding again cost more than learning."""

import glob
import random

import cv2
import numpy as np
import torch

from train import cell_px

nobody = np.zeros((0, 2), np.float32)


def decoded(items):
    return [(cv2.cvtColor(cv2.imread(f), cv2.COLOR_BGR2RGB), points) for f, points in items]


def without_people(folder, every=25):
    """Pictures and clips in which nobody is to be seen; of a clip, one frame in 25."""
    pictures = []
    for f in sorted(glob.glob(f"{folder}/*")):
        if not f.endswith((".mp4", ".avi")):
            pictures.append(cv2.imread(f))
            continue
        clip, n = cv2.VideoCapture(f), 0
        while (got := clip.read())[0]:
            if n % every == 0:
                pictures.append(got[1])
            n += 1
    return [(cv2.cvtColor(p, cv2.COLOR_BGR2RGB), nobody) for p in pictures if p is not None and min(p.shape[:2]) >= 200]


def relit(crop, r):
    """Another light, another lens, another link: an unseen street differs from a seen one in these before it differs in people."""
    side = crop.shape[0]
    if r.random() < 0.2:
        small = int(side * r.uniform(0.5, 0.9))
        crop = cv2.resize(cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA), (side, side), interpolation=cv2.INTER_LINEAR)
    if r.random() < 0.2:
        crop = cv2.GaussianBlur(crop, (0, 0), float(r.uniform(0.4, 1.4)))
    if r.random() < 0.8:
        ramp = np.linspace(0, 1, 256, dtype=np.float32) ** float(np.exp(r.uniform(-0.6, 0.6))) * float(r.uniform(0.65, 1.25))
        middle = float(r.uniform(0.3, 0.6))
        ramp = (ramp - middle) * float(r.uniform(0.6, 1.35)) + middle
        tint = r.uniform(0.82, 1.18, 3) if r.random() < 0.5 else np.ones(3)
        table = np.clip(ramp[:, None] * tint * 255, 0, 255).astype(np.uint8)
        crop = cv2.LUT(np.ascontiguousarray(crop), table[None])
    if r.random() < 0.25:
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[:, :, None].repeat(3, 2)
        mix = float(r.choice([0.5, 1.0]))
        crop = cv2.addWeighted(crop, 1 - mix, grey, mix, 0)
    if r.random() < 0.2:
        noise = r.normal(0, float(r.uniform(2, 9)), crop.shape).astype(np.float32)
        crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
    if r.random() < 0.3:
        ok, packed = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(r.integers(20, 80))])
        crop = cv2.imdecode(packed, 1)
    return crop


def sample(picture, points, r, side, smallest, largest):
    """One random crop, flipped, re-lit and at times masked as the station masks, with its people counted into cells."""
    h, w = picture.shape[:2]
    scale = float(np.exp(r.uniform(np.log(smallest), np.log(largest))))
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
    crop = np.ascontiguousarray(crop)
    if r.random() < 0.6:
        crop = relit(crop, r)
    cells = np.zeros((side // cell_px, side // cell_px), np.float32)
    if len(q):
        k = np.minimum((q / cell_px).astype(int), side // cell_px - 1)
        np.add.at(cells, (k[:, 1], k[:, 0]), 1)
    if r.random() < 0.12:
        # A privacy mask: black, in whole cells, nobody behind it.
        n = side // cell_px
        top, left, high, wide = (int(v) for v in (r.integers(0, n), r.integers(0, n), r.integers(4, n // 2), r.integers(4, n // 2)))
        cells[top : top + high, left : left + wide] = 0
        crop[top * cell_px : (top + high) * cell_px, left * cell_px : (left + wide) * cell_px] = 0
    return crop, cells


def batches(sets, r, side, size, smallest, largest):
    """sets: pairs (items, share of them in each round)."""
    order = []
    while True:
        pictures, truths = [], []
        while len(pictures) < size:
            if not order:
                for items, share in sets:
                    order += [items[i] for i in r.permutation(len(items))[: int(round(len(items) * share))]]
                random.Random(int(r.integers(1 << 30))).shuffle(order)
            picture, points = order.pop()
            crop, cells = sample(picture, points, r, side, smallest, largest)
            pictures.append(crop)
            truths.append(cells)
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
        yield x, torch.from_numpy(np.stack(truths))[:, None]
