"""Write a safetensors file with the format's own library, for the reader's test."""

import sys

import numpy
from safetensors.numpy import save_file

save_file(
    {
        "single": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 3,
        "half": numpy.array([1.5, -2.0], dtype=numpy.float16),
        "bytes": numpy.array([7, 255], dtype=numpy.uint8),
        "scalar": numpy.array(0.25, dtype=numpy.float32),
        "empty": numpy.zeros((0, 5), dtype=numpy.float32),
    },
    sys.argv[1],
    metadata={"note": "grüße"},
)
