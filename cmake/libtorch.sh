# LibTorch: find one that will do, or fetch it. Sourced by bootstrap.sh, never run.
#
# The answer is one line, the folder that holds include/ and lib/, in .deps/libtorch.path; cmake/FindLibTorch.cmake
# reads it. Nothing links to Python: it only says where a torch lies, and fetches the wheel that carries the libraries.

libtorch_minimum=2.11
libtorch_pinned=2.13.0
libtorch_cuda=13.0.3  # that the CUDA build of this version was made with
# Prints the version in a LibTorch folder's headers, or fails where there is no LibTorch.
libtorch_version() {
  local header
  [[ -e $1/include/ATen/core/Tensor.h && -e $1/lib/libtorch_cpu.so ]] || return 1
  for header in torch/headeronly/version.h torch/csrc/api/include/torch/version.h; do
    if [[ -e $1/include/$header ]]; then
      awk '$1 == "#define" && $2 ~ /^TORCH_VERSION_(MAJOR|MINOR|PATCH)$/ {v = v sep $3; sep = "."} END {print v}' \
        "$1/include/$header"
      return
    fi
  done
  return 1
}

# Does version $1 reach the minimum? (Sorted as versions: 2.9 comes before 2.11.)
libtorch_new_enough() {
  [[ $(printf '%s\n' "$libtorch_minimum" "$1" | sort -V | head -n1) == "$libtorch_minimum" ]]
}

# Is there a usable LibTorch in folder $1? Says so on stderr where there is one that is too old.
libtorch_usable() {
  local version
  version=$(libtorch_version "$1") || return 1
  libtorch_new_enough "$version" && return 0
  echo "note: LibTorch $version in $1 is passed over: $libtorch_minimum or newer is needed" >&2
  return 1
}

# What the user says in so many words. A LIBTORCH that will not do is an error, not a hint to be passed over.
libtorch_from_environment() {
  local prefix folder
  if [[ -n ${LIBTORCH:-} ]]; then
    if libtorch_usable "$LIBTORCH"; then
      realpath -s "$LIBTORCH"
      return 0
    fi
    echo "error: LIBTORCH=$LIBTORCH: expected a folder with include/ATen and lib/libtorch_cpu.so," \
         "version $libtorch_minimum or newer; correct it, or unset it to have one found or fetched" >&2
    return 2
  fi
  # torch advertises the folder of its own package files, share/cmake, two levels below its libraries.
  local IFS=':;'
  for prefix in ${CMAKE_PREFIX_PATH:-}; do
    folder=${prefix%/share/cmake*}
    if libtorch_usable "$folder"; then
      realpath -s "$folder"
      return 0
    fi
  done
  return 1
}

# What an earlier run settled on. Kept while it is there, so that entering a virtual environment rebuilds nothing.
libtorch_from_earlier_run() {
  local folder
  for folder in "$(cat .deps/libtorch.path 2>/dev/null || true)" "$PWD/.deps/torch"; do
    if [[ -n $folder ]] && libtorch_usable "$folder"; then
      echo "$folder"
      return 0
    fi
  done
  return 1
}

# A torch in the active Python.
libtorch_from_python() {
  local folder
  folder=$(python_package torch) && libtorch_usable "$folder" && echo "$folder"
}

# Will it do without fetching one?
libtorch_at_hand() {
  [[ -n ${LIBTORCH:-} ]] || libtorch_from_environment || libtorch_from_earlier_run || libtorch_from_python
} >/dev/null 2>&1

# libtorch_unpack PYTHON WORK : the C++ part of the torch wheel in WORK, into WORK/wheel.
libtorch_unpack() {
  # torch.libs holds what some wheels (aarch64) bundle beside torch/lib, found from there by relative path.
  wheel_unpack "$1" "$2"/torch-*.whl "$2/wheel" torch/lib/ torch/include/ torch/share/ torch.libs/
}

# libtorch_cpu_wheel PYTHON WORK : the CPU build, from wherever pip is set up to look, then from $PEFT_TORCH_INDEX.
libtorch_cpu_wheel() {
  local torch="torch==$libtorch_pinned+cpu"
  wheel_download "$1" "$2" "$torch" --no-deps >"$2/log" 2>&1 ||
    wheel_download "$1" "$2" "$torch" --no-deps --index-url "$PEFT_TORCH_INDEX" >>"$2/log" 2>&1 || return
  libtorch_unpack "$1" "$2"
}

# libtorch_cpu_part PYTHON WORK : the CPU's libraries out of the CUDA build, which is what PyPI has. They ask for two
# small libraries of CUDA's to start, and for no driver; what is for the GPU is thrown away.
libtorch_cpu_part() {
  echo "fetching torch $libtorch_pinned's CUDA build for its CPU part, as no CPU build was found (about 520 MB)" >&2
  wheel_download "$1" "$2" "torch==$libtorch_pinned" --no-deps >>"$2/log" 2>&1 &&
    wheel_download "$1" "$2" "cuda-toolkit[cudart,cupti]==$libtorch_cuda" >>"$2/log" 2>&1 &&
    libtorch_unpack "$1" "$2" || return
  rm -f "$2"/wheel/torch/lib/{libtorch,libtorch_cuda*,libc10_cuda,libtorch_nvshmem,libcaffe2_nvrtc,libtorch_python}.so
  local wheel
  for wheel in "$2"/nvidia_*.whl; do
    wheel_unpack "$1" "$wheel" "$2/wheel" nvidia/ || return
  done
}

# Fetches the pinned version.
libtorch_from_pip() {
  local python work=.deps/fetch.$$
  if ! python=$(python_with_pip); then
    install_packages python3-pip || return
    python=$(python_with_pip) || return
  fi
  mkdir -p "$work"
  echo "fetching LibTorch $libtorch_pinned for the CPU (about 200 MB)" >&2
  if ! libtorch_cpu_wheel "$python" "$work" && ! libtorch_cpu_part "$python" "$work"; then
    sed 's/^/pip: /' "$work/log" >&2
    rm -rf "$work"
    cat >&2 <<TEXT
error: found no torch==$libtorch_pinned+cpu in pip's configured indexes or in $PEFT_TORCH_INDEX,
nor torch==$libtorch_pinned in pip's (its words are above). Set PEFT_TORCH_INDEX to an index that has the CPU build, or
LIBTORCH to a folder of LibTorch $libtorch_minimum or newer.
TEXT
    return 1
  fi
  # Unpacked aside and moved into place whole: a run that is killed leaves nothing that looks finished.
  rm -rf ".deps/torch-$libtorch_pinned"
  mv "$work/wheel" ".deps/torch-$libtorch_pinned"
  rm -rf "$work"
  echo "$PWD/.deps/torch-$libtorch_pinned/torch"
}

# Settles on a LibTorch and writes .deps/libtorch.path.
ensure_libtorch() {
  local folder status
  mkdir -p .deps
  folder=$(libtorch_from_environment) && status=0 || status=$?
  [[ $status != 2 ]] || return 1
  if [[ $status == 1 ]]; then
    folder=$(libtorch_from_earlier_run || libtorch_from_python || libtorch_from_pip) || return 1
  fi
  if [[ $folder != "$(cat .deps/libtorch.path 2>/dev/null || true)" ]]; then
    echo "LibTorch $(libtorch_version "$folder") in $folder" >&2
    echo "$folder" >.deps/libtorch.path
  fi
}
