"""Read a safetensors file with the format's own library, and print what is in it as JSON."""

import hashlib
import json
import sys

from safetensors import safe_open

LISTED = 100

with safe_open(sys.argv[1], framework="numpy") as file:
    tensors = {}
    for name in file.keys():
        array = file.get_tensor(name)
        tensors[name] = {
            "dtype": str(array.dtype),
            "shape": list(array.shape),
            "sha256": hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest(),
            "values": array.astype(float).ravel().tolist() if array.size <= LISTED else None,
        }
    print(json.dumps({"tensors": tensors, "metadata": file.metadata()}))
