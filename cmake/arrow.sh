# Arrow, for Parquet files: find one that will do, or fetch it. Sourced by bootstrap.sh after libtorch.sh, never run.
#
# The answer is one line in .deps/arrow.path, which cmake/FindParquet.cmake reads: a folder that holds include/ and
# libparquet (a pyarrow package), nothing where the system's own is to be used, or `off`. A build without Arrow lacks
# Parquet files and nothing else, so nothing here fails.

arrow_minimum=15
arrow_pinned=26.0.1

# Prints the version in a folder that holds Arrow's headers and libraries, or fails.
arrow_version() {
  local folder=$1 library
  [[ -e $folder/include/parquet/arrow/reader.h ]] || return 1
  for library in "$folder"/libparquet.so* "$folder"/lib/libparquet.so*; do
    if [[ -e $library ]]; then
      sed -n 's/^#define ARROW_VERSION_STRING "\(.*\)"/\1/p' "$folder/include/arrow/util/config.h"
      return
    fi
  done
  return 1
}

# Is there a usable Arrow in folder $1?
arrow_usable() {
  local version
  version=$(arrow_version "$1") || return 1
  [[ $(printf '%s\n' "$arrow_minimum" "$version" | sort -V | head -n1) == "$arrow_minimum" ]] && return 0
  echo "note: Arrow $version in $1 is passed over: $arrow_minimum or newer is needed" >&2
  return 1
}

# What the user says in so many words. A PEFT_ARROW that will not do is an error, not a hint to be passed over.
arrow_from_environment() {
  [[ -n ${PEFT_ARROW:-} ]] || return 1
  if [[ $PEFT_ARROW == off ]]; then
    echo off
  elif arrow_usable "$PEFT_ARROW"; then
    realpath -s "$PEFT_ARROW"
  else
    echo "error: PEFT_ARROW=$PEFT_ARROW: expected a folder with include/parquet and libparquet.so, version" \
         "$arrow_minimum or newer (a pyarrow package will do), or 'off'; correct it, or unset it" >&2
    return 2
  fi
}

# What an earlier run settled on, while it is there.
arrow_from_earlier_run() {
  local folder
  folder=$(cat .deps/arrow.path 2>/dev/null) && [[ -n $folder ]] && arrow_usable "$folder" && echo "$folder"
}

# A pyarrow in the active Python.
arrow_from_python() {
  local folder
  folder=$(python_package pyarrow) && arrow_usable "$folder" && echo "$folder"
}

# The system's own: an empty answer, CMake finds it.
arrow_from_system() {
  [[ -z $(missing_packages <<<'libparquet-dev header:parquet/arrow/reader.h') ]]
}

# Fetches the pinned wheel from wherever pip is set up to look, and unpacks what reading Parquet needs of it.
arrow_from_pip() {
  local python work=.deps/fetch.$$
  if ! python=$(python_with_pip); then
    apt_privilege >/dev/null && install_packages python3-pip || return
    python=$(python_with_pip) || return
  fi
  mkdir -p "$work"
  echo "fetching Arrow $arrow_pinned for Parquet files (about 55 MB)" >&2
  if wheel_download "$python" "$work" "pyarrow==$arrow_pinned" --no-deps >"$work/log" 2>&1 &&
     wheel_unpack "$python" "$work"/pyarrow-*.whl "$work/wheel" pyarrow/include/ pyarrow/libarrow.so pyarrow/libparquet.so
  then
    rm -rf ".deps/arrow-$arrow_pinned"
    mv "$work/wheel" ".deps/arrow-$arrow_pinned"
    echo "$PWD/.deps/arrow-$arrow_pinned/pyarrow"
    rm -rf "$work"
    return
  fi
  sed 's/^/pip: /' "$work/log" >&2
  rm -rf "$work"
  return 1
}

# Settles on an Arrow, or on none, and writes .deps/arrow.path.
ensure_arrow() {
  local folder status
  mkdir -p .deps
  folder=$(arrow_from_environment) && status=0 || status=$?
  [[ $status != 2 ]] || return 1
  if [[ $status == 1 ]] &&
     ! folder=$(arrow_from_earlier_run || arrow_from_python || arrow_from_system || arrow_from_pip); then
    echo "note: going on without Arrow: Parquet files will not be read. Set PEFT_ARROW to a folder of Arrow" \
         "$arrow_minimum or newer (a pyarrow package will do) to have them" >&2
    folder=off
  fi
  if [[ ! -e .deps/arrow.path || $folder != "$(<.deps/arrow.path)" ]]; then
    [[ $folder == off ]] || echo "Arrow${folder:+ $(arrow_version "$folder")} ${folder:+in }${folder:-of the system}" >&2
    echo "$folder" >.deps/arrow.path
  fi
}
