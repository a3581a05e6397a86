# System packages: find what is there, install what is not, or say what to install. Sourced, never run.
#
# A package is written `NAME PROBE…`, NAME being Debian's. It counts as present when dpkg knows it as installed or
# when any of its probes succeeds, so a system without dpkg, or with a library built by hand, needs nothing installed:
#   tool:NAME      a program on PATH
#   header:PATH    the compiler can include <PATH>
#   library:NAME   the compiler's linker can find libNAME.so

# Prints the names among the given `NAME PROBE…` lines (stdin) that are not present.
missing_packages() {
  local lines installed headers name probes probe found
  lines=$(grep -v -e '^[[:space:]]*#' -e '^[[:space:]]*$')
  # Two processes for all packages, not two a package: this runs before every build.
  # shellcheck disable=SC2046  # the names are words of our own
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
                $(awk '{print $1}' <<<"$lines") 2>/dev/null | sed -n 's/^installed //p' || true)
  headers=$(grep -o 'header:[^ ]*' <<<"$lines" | sed 's/^header:\(.*\)/#if __has_include(<\1>)\nfound \1\n#endif/' |
              c++ -std=c++17 -E -P -x c++ - 2>/dev/null || true)
  while read -r name probes; do
    grep -qxF "$name" <<<"$installed" && continue
    found=no
    for probe in $probes; do
      case $probe in
        tool:*)    command -v "${probe#*:}" >/dev/null && found=yes ;;
        header:*)  grep -qxF "found ${probe#*:}" <<<"$headers" && found=yes ;;
        library:*) [[ $(c++ -print-file-name="lib${probe#*:}.so" 2>/dev/null) == /* ]] && found=yes ;;
        *)         echo "packages.sh: unknown probe '$probe' of package $name" >&2; return 2 ;;
      esac
    done
    [[ $found == yes ]] || echo "$name"
  done <<<"$lines"
}

# Prints the prefix that lets apt-get install ("" for root, "sudo -n"), or fails where nothing does.
apt_privilege() {
  command -v apt-get >/dev/null || return 1
  if [[ $(id -u) == 0 ]]; then
    return 0
  fi
  sudo -n true 2>/dev/null && echo "sudo -n"
}

# install_packages NAME… : installs them, or prints the one command that would and fails.
install_packages() {
  local privilege
  if privilege=$(apt_privilege); then
    echo "installing with apt-get: $*" >&2
    # A fresh machine has no package lists; an offline one may have the packages in its cache all the same.
    # shellcheck disable=SC2086  # the privilege is a command and its option, or nothing
    $privilege apt-get update -qq >&2 || true
    # shellcheck disable=SC2086
    $privilege env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 && return 0
    echo "error: apt-get could not install: $*" >&2
  fi
  if command -v apt-get >/dev/null; then
    printf 'error: packages are missing. Install them, then run the same command again:\n\n    %s\n\n' \
      "$([[ $(id -u) == 0 ]] || echo 'sudo ')apt-get install -y $*" >&2
  else
    printf 'error: packages are missing, and this system has no apt-get. Install what your system calls these %s\n\n    %s\n\n' \
      "(Debian's names), then run the same command again:" "$*" >&2
  fi
  return 1
}

# ensure_packages : installs the packages on stdin (`NAME PROBE…` lines) that are missing.
ensure_packages() {
  local missing
  missing=$(missing_packages) || return
  # shellcheck disable=SC2086  # one name a word
  [[ -z $missing ]] || install_packages $missing
}
