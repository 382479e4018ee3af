"""Checkpoint -> ONNX with uint8 input and normalisation inside; refuses a file that answers differently from torch."""

import argparse

import numpy as np
import onnx
import onnxruntime as ort
import torch

from model import CrowdLite, Deploy

a = argparse.ArgumentParser(description=__doc__)
a.add_argument("checkpoint")
a.add_argument("onnx")
a.add_argument("--width", type=int, default=96)
a.add_argument("--fine", action="store_true", help="the side door of continue.py")
a = a.parse_args()

net = CrowdLite(a.width, fine=a.fine)
net.load_state_dict(torch.load(a.checkpoint, weights_only=True))
deploy = Deploy(net.eval()).eval()
frame = torch.randint(0, 255, (1, 480, 640, 3), dtype=torch.uint8)
torch.onnx.export(
    deploy,
    (frame,),
    a.onnx,
    input_names=["frame"],
    output_names=["density", "count"],
    dynamic_axes={"frame": {1: "h", 2: "w"}, "density": {2: "h8", 3: "w8"}},
    opset_version=17,
    dynamo=False,
)
onnx.checker.check_model(onnx.load(a.onnx))
density, _ = ort.InferenceSession(a.onnx, providers=["CPUExecutionProvider"]).run(None, {"frame": frame.numpy()})
with torch.no_grad():
    difference = float(np.abs(density - deploy(frame)[0].numpy()).max())
if difference > 1e-4:
    raise SystemExit(f"the exported file differs by {difference} people in a cell")
print(f"{a.onnx}: differs by {difference:.1e} at most")
