#!/bin/sh
# SPDX-License-Identifier: MIT
#
# lint.sh PAGE... - man pages without a warning of mandoc; 77: no mandoc here

command -v mandoc >/dev/null || exit 77
exec mandoc -Tlint -W warning "$@"
