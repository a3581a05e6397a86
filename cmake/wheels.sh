# Python packages as a source of C++ libraries. Sourced by bootstrap.sh, never run.

# Wheels hold the same libraries for every Python; one is named so that any Python can fetch it.
wheel_python=3.11

# Prints the folder of package $1 in the active Python, found without importing it (which takes seconds), or fails.
python_package() {
  python3 - "$1" 2>/dev/null <<'PYTHON'
import importlib.util, sys
package = importlib.util.find_spec(sys.argv[1])
if not package:
    sys.exit(1)
print(package.submodule_search_locations[0])
PYTHON
}

# Prints a Python that has pip: the active one, else the system's.
python_with_pip() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then
      echo "$python"
      return 0
    fi
  done
  return 1
}

# The package (see packages.sh) that one comes with, where there is none.
pip_package() {
  python_with_pip >/dev/null || echo 'python3-pip tool:none'
}

# wheel_download PYTHON FOLDER REQUIREMENT [PIP OPTION…] : fetches wheels for a glibc of 2.28 or older into FOLDER.
wheel_download() {
  local python=$1 folder=$2 requirement=$3 platforms=() glibc
  shift 3
  for glibc in 28 27 26 25 24 17; do  # pip wants every one by name
    platforms+=(--platform "manylinux_2_${glibc}_$(uname -m)")
  done
  "$python" -m pip download "$requirement" --dest "$folder" --python-version "$wheel_python" --implementation cp \
    --only-binary=:all: "${platforms[@]}" "$@" >&2
}

# wheel_unpack PYTHON WHEEL FOLDER PART… : what of a wheel begins with a PART: libraries and headers, not its Python.
wheel_unpack() {
  local python=$1
  shift
  "$python" - "$@" <<'PYTHON'
import sys, zipfile
wheel, folder, *parts = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if name.startswith(tuple(parts))]
    if not names:
        sys.exit(f"error: {wheel} holds nothing below {', '.join(parts)}: another wheel was expected")
    archive.extractall(folder, names)
PYTHON
}
