"""MAE, RMSE and bias of an ONNX file on a crowd folder, in Python. models/evaluate.ts is the one that counts: it runs the station's pipeline."""

import argparse
import json

import cv2
import numpy as np
import onnxruntime as ort

a = argparse.ArgumentParser(description=__doc__)
a.add_argument("onnx")
a.add_argument("--crowd", required=True)
a.add_argument("--only", help="a file with one picture's name a line")
a.add_argument("--size", default="1024x768")
a = a.parse_args()

cv2.setNumThreads(1)
options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(a.onnx, options, providers=["CPUExecutionProvider"])
with open(f"{a.crowd}/points.json") as f:
    points = json.load(f)
names = open(a.only).read().split() if a.only else list(points)
wide, high = map(int, a.size.split("x"))
errors = []
for name in names:
    picture = cv2.imread(f"{a.crowd}/{name}")[:, :, ::-1]
    h, w = picture.shape[:2]
    scale = min(wide / w, high / h)
    picture = cv2.resize(picture, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    h, w = picture.shape[:2]
    picture = cv2.copyMakeBorder(picture, 0, -h % 32, 0, -w % 32, cv2.BORDER_CONSTANT)
    density = session.run(["density"], {"frame": np.ascontiguousarray(picture)[None]})[0][0, 0]
    errors.append(float(density[: -(-h // 8), : -(-w // 8)].sum()) - len(points[name]))
e = np.array(errors)
print(json.dumps({"pictures": len(e), "mae": float(np.abs(e).mean()), "rmse": float(np.sqrt((e**2).mean())), "bias": float(e.mean())}))
