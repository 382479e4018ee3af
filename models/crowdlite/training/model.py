"""CrowdLite: ShuffleNetV2-0.5x encoder and a light pyramid; at 1/8 of the resolution, two heads a cell:
the chance that the cell is empty (as a logit) and lambda, the people expected if it is not. density = (1 - empty) * lambda."""

import torch
import torch.nn.functional as F
from torch import nn


def conv(i, o, k=1, stride=1, dilation=1, groups=1, act=True):
    layers = [nn.Conv2d(i, o, k, stride, dilation * (k // 2), dilation=dilation, groups=groups, bias=False), nn.BatchNorm2d(o)]
    return layers + [nn.ReLU(inplace=True)] if act else layers


class Block(nn.Module):
    def __init__(self, i, o, mid, stride):
        super().__init__()
        self.stride = stride
        self.branch_main = nn.Sequential(*conv(i, mid), *conv(mid, mid, 3, stride, groups=mid, act=False), *conv(mid, o - i))
        if stride == 2:
            self.branch_proj = nn.Sequential(*conv(i, i, 3, 2, groups=i, act=False), *conv(i, i))

    def forward(self, x):
        if self.stride == 2:
            return torch.cat((self.branch_proj(x), self.branch_main(x)), 1)
        return torch.cat((x[:, 0::2], self.branch_main(x[:, 1::2])), 1)


class Encoder(nn.Module):
    def __init__(self, channels=(24, 48, 96, 192), repeats=(4, 8, 4)):
        super().__init__()
        self.first_conv = nn.Sequential(*conv(3, channels[0], 3, 2))
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        i = channels[0]
        for n, (o, count) in enumerate(zip(channels[1:], repeats)):
            blocks = []
            for k in range(count):
                blocks.append(Block(i, o, o // 2, 2) if k == 0 else Block(i // 2, o, o // 2, 1))
                i = o
            setattr(self, f"stage{n + 2}", nn.Sequential(*blocks))

    def forward(self, x):
        half = self.first_conv(x)
        x = self.maxpool(half)
        a = self.stage2(x)
        b = self.stage3(a)
        return half, x, a, b, self.stage4(b)


class CrowdLite(nn.Module):
    def __init__(self, width=96, channels=(24, 48, 96, 192), repeats=(4, 8, 4), dilations=(1, 2, 3), fine=False):
        super().__init__()
        self.encoder = Encoder(channels, repeats)
        self.l4 = nn.Sequential(*conv(channels[3], width))
        self.l3 = nn.Sequential(*conv(channels[2], width))
        self.l2 = nn.Sequential(*conv(channels[1], width))
        self.l1 = nn.Sequential(*conv(channels[0], width, 3, 2))
        # Small heads: what the pooling at the door throws away comes in by a side door. It starts as zero, so older weights load.
        self.fine = nn.Sequential(nn.Conv2d(channels[0], 32, 3, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(32, width, 3, 2, 1)) if fine else None
        if self.fine is not None:
            nn.init.zeros_(self.fine[2].weight)
            nn.init.zeros_(self.fine[2].bias)
        self.s3 = nn.Sequential(*conv(width, width, 3))
        self.head = nn.Sequential(*[m for d in dilations for m in conv(width, width, 3, dilation=d)])
        self.out = nn.Conv2d(width, 2, 1)
        nn.init.zeros_(self.out.weight)
        with torch.no_grad():
            self.out.bias.copy_(torch.tensor([2.0, -0.5]))

    def features(self, x):
        half, c1, c2, c3, c4 = self.encoder(x)
        p = F.interpolate(self.l4(c4), scale_factor=2, mode="nearest") + self.l3(c3)
        p = F.interpolate(self.s3(p), scale_factor=2, mode="nearest") + self.l2(c2) + self.l1(c1)
        return self.head(p if self.fine is None else p + self.fine(half))

    def heads(self, features):
        o = self.out(features)
        return o[:, :1], F.softplus(o[:, 1:]) + 1e-3

    def raw(self, x):
        return self.heads(self.features(x))

    def forward(self, x):
        empty, people = self.raw(x)
        return torch.sigmoid(-empty) * people


class Deploy(nn.Module):
    """What the station runs: uint8 RGB [1, H, W, 3] in, density [1, 1, H/8, W/8] and count [1] out."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, frame):
        x = frame.to(torch.float32).permute(0, 3, 1, 2) * (1 / 255.0)
        density = self.net(x)
        return density, density.sum((1, 2, 3))


def load_encoder(net, path):
    """ImageNet-like weights of FastestDet's encoder. They were trained on BGR; we feed RGB, so the first kernel is turned round."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    if any(key.startswith("backbone.") for key in state):
        state = {key[9:]: value for key, value in state.items() if key.startswith("backbone.")}
    state["first_conv.0.weight"] = state["first_conv.0.weight"].flip(1)
    net.encoder.load_state_dict(state, strict=True)
