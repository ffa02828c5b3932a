"""Takes the C++ libraries and headers of TensorFlow out of its wheel.

Usage: extract_wheel.py WHEEL DIRECTORY

Only the standard library is used, and zipfile checks the CRC of what it reads.
"""
import os
import shutil
import sys
import zipfile

LIBRARIES = {
    "tensorflow/libtensorflow_cc.so.2": "libtensorflow.so",
    "tensorflow/libtensorflow_framework.so.2": "libtensorflow_framework.so",
}
INCLUDE = "tensorflow/include/"
# The C interface and what it includes: 300 of 8,210 headers, which saves seconds.
HEADERS = tuple(
    INCLUDE + folder
    for folder in ("tensorflow/c/", "tensorflow/core/platform/", "tsl/c/", "tsl/platform/")
)


def place_of(name):
    if name in LIBRARIES:
        return os.path.join("deps", "lib", os.path.basename(name))
    if name.startswith(HEADERS) and not name.endswith("/"):
        return os.path.join("deps", "include", name[len(INCLUDE):])
    return None


def main(wheel, directory):
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            place = place_of(entry.filename)
            if place is None:
                continue
            target = os.path.join(directory, place)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(target, "wb") as output:
                shutil.copyfileobj(source, output, 1 << 20)
    for library, link in LIBRARIES.items():
        os.symlink(os.path.basename(library), os.path.join(directory, "deps", "lib", link))


main(sys.argv[1], sys.argv[2])
