"""An int8 file beside the fp32 one: static QDQ, per channel, calibrated on training pictures; the last 1x1 layer stays in float."""

import argparse
import os
import tempfile

import cv2
import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from train import crowd, split

a = argparse.ArgumentParser(description=__doc__)
a.add_argument("onnx")
a.add_argument("int8")
a.add_argument("--crowd", required=True)
a.add_argument("--pictures", type=int, default=24)
a = a.parse_args()


class Pictures(CalibrationDataReader):
    def __init__(self):
        trained_on, _ = split(crowd(a.crowd), 40)
        self.rest = iter(trained_on[:: len(trained_on) // a.pictures])

    def get_next(self):
        f, _ = next(self.rest, (None, None))
        if f is None:
            return None
        picture = cv2.resize(cv2.imread(f)[:, :, ::-1], (640, 480), interpolation=cv2.INTER_AREA)
        return {"frame": np.ascontiguousarray(picture)[None]}


with tempfile.TemporaryDirectory() as folder:
    prepared = os.path.join(folder, "prepared.onnx")
    quant_pre_process(a.onnx, prepared, skip_symbolic_shape=True)
    last = [node.name for node in onnx.load(prepared).graph.node if node.op_type == "Conv"][-1]
    quantize_static(
        prepared,
        a.int8,
        Pictures(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Add", "Concat", "MaxPool", "Resize", "Slice"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[last],
    )
print(f"{a.int8}: {os.path.getsize(a.int8) // 1024} KB of {os.path.getsize(a.onnx) // 1024} KB")
