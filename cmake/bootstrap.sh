#!/usr/bin/env bash
# Everything a build needs that is not in this repository: system packages, LibTorch, and Arrow if it is to be had.
#
#   cmake/bootstrap.sh         what building and testing needs
#   cmake/bootstrap.sh peers   also the Python environment that parity and benchmarks compare with
#
# Looks for what is already there before it installs anything; says nothing where nothing is to be done. Without root
# or apt it prints what to install and exits with 1.
#
# Environment: PEFT_ARROW (an Arrow to use, or `off`: see arrow.sh), LIBTORCH or CMAKE_PREFIX_PATH (a LibTorch to use), PEFT_TORCH_INDEX (a pip index that has CPU builds of
# torch, asked when pip's own do not), PEFT_PEERS (a virtual environment to use for peers).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PEFT_TORCH_INDEX=${PEFT_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}

# Debian's name, then how to recognise it elsewhere (see packages.sh).
required_packages() {
  cat <<'EOT'
build-essential              tool:c++
cmake                        tool:cmake
ninja-build                  tool:ninja
libboost-dev                 header:boost/dll/shared_library.hpp
libboost-program-options-dev library:boost_program_options
libhdf5-dev                  header:hdf5.h header:hdf5/serial/hdf5.h
libyaml-cpp-dev              header:yaml-cpp/yaml.h
libicu-dev                   header:unicode/normalizer2.h
libpcre2-dev                 header:pcre2.h
nlohmann-json3-dev           header:nlohmann/json.hpp
libxxhash-dev                header:xxhash.h
zlib1g-dev                   header:zlib.h
libcurl4-openssl-dev         header:curl/curl.h
libssl-dev                   header:openssl/evp.h
catch2                       header:catch2/catch.hpp header:catch2/catch_all.hpp
EOT
}
# The build (or, with Highway, training) is quicker with these, and goes without: only who has to install packages anyway
# is asked for them too.
optional_packages() {
  cat <<'EOT'
libhwy-dev                   header:hwy/highway.h
libedit-dev                  header:editline/readline.h
ccache                       tool:ccache
mold                         tool:mold
EOT
}

# What the last finished run saw. A difference means looking again; so does a LibTorch or a compiler that has gone.
stamp=.deps/bootstrap.stamp
stamp_now() {
  cksum cmake/bootstrap.sh cmake/packages.sh cmake/wheels.sh cmake/libtorch.sh cmake/arrow.sh
  echo "${LIBTORCH:-} ${CMAKE_PREFIX_PATH:-} ${PEFT_ARROW:-}"
}
nothing_to_do() {
  [[ -e $stamp && $(<"$stamp") == "$(stamp_now)" ]] || return 1
  local folder
  folder=$(<.deps/libtorch.path) || return 1
  [[ -e $folder/include/ATen/core/Tensor.h && -e $folder/lib/libtorch_cpu.so ]] || return 1
  folder=$(<.deps/arrow.path) || return 1
  [[ -z $folder || $folder == off || -e $folder/include/parquet/arrow/reader.h ]] &&
    command -v c++ cmake ninja >/dev/null
}

# In one go, or in one command to be told: also the pip that a LibTorch will have to be fetched with.
install_missing() {
  local required optional
  required=$({ required_packages; libtorch_at_hand || pip_package; } | missing_packages)
  optional=$(optional_packages | missing_packages)
  # shellcheck disable=SC2086  # one name a word, here and below
  if [[ -n $optional ]] && apt_privilege >/dev/null; then
    install_packages $required $optional && return
    echo "note: going on without $(echo $optional)" >&2
    optional=
  fi
  [[ -z $required ]] || install_packages $required $optional
}

if ! nothing_to_do; then
  source cmake/packages.sh
  source cmake/wheels.sh
  source cmake/libtorch.sh
  source cmake/arrow.sh
  install_missing
  ensure_libtorch
  ensure_arrow
  stamp_now >"$stamp"
fi

if [[ ${1:-} == peers ]]; then
  cmake/peers.sh
fi
