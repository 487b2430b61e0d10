#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bpy is linked with X11 and OpenGL even where it opens no window, and a bare Linux has neither.
set -eu
packages="libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libgl1"
"$1" -c "import bpy" 2>/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "bpy lacks system libraries; installing: $packages"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
  exec "$1" -c "import bpy"
fi
echo "bpy lacks system libraries. Install them, on Debian or Ubuntu: sudo apt-get install $packages" >&2
exec "$1" -c "import bpy"
