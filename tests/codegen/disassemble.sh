# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# disassemble.sh - for the other scripts of this folder: the instructions of an
# object file, as objdump of GNU or of LLVM shows them ($objdump). LLVM's shows only
# instructions of the oldest processor, unless OBJDUMP_CPU names another (--mcpu).

# instructions OBJECT: "=name" before each function, then one instruction a line,
# blanks squeezed to one. A function goes on behind a label of the assembler.
instructions() {
    "$objdump" -d --no-show-raw-insn ${OBJDUMP_CPU:+--mcpu="$OBJDUMP_CPU"} "$1" |
        sed -nE '/<\.L[^>]*>:$/d; s/^[0-9a-f]+ <(.*)>:$/=\1/p; s/^ +[0-9a-f]+:[[:blank:]]+//p' |
        sed -E 's/[[:blank:]]+/ /g'
}

# linked_instructions OBJECT: the same, with the symbol that the linker will put in
# place of a target. Until then arm64 shows whatever function begins at address 0.
linked_instructions() {
    "$objdump" -dr --no-show-raw-insn ${OBJDUMP_CPU:+--mcpu="$OBJDUMP_CPU"} "$1" |
        awk '
            function flush() { if (held != "") print held; held = "" }
            /^[0-9a-f]+ <\.L[^>]*>:$/ { next }
            /^[0-9a-f]+ <.*>:$/ {
                flush()
                sub(/^[0-9a-f]+ </, "="); sub(/>:$/, ""); print; next
            }
            /^[[:blank:]]*[0-9a-f]+:[[:blank:]]+R_/ {
                if ($2 !~ /RELAX/) sub(/<[^>]*>/, "<" $3 ">", held)
                next
            }
            /^ +[0-9a-f]+:[[:blank:]]/ {
                flush()
                sub(/^ +[0-9a-f]+:[[:blank:]]+/, ""); gsub(/[[:blank:]]+/, " ")
                held = $0
            }
            END { flush() }'
}

# body OBJECT FUNCTION: its instructions
body() {
    instructions "$1" |
        awk -v name="=$2" '/^=/ { inside = $0 == name; next } inside'
}
