#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
load.py ctypes|cffi LIBRARY MACHINE_FILE - use the library from Python

Builds the machine of the file, allocates and frees pages, and checks that no
page is lost. Exit status: 0 passed, 1 failed, 77 this Python has no cffi.
"""
import sys

GFP_KERNEL = 0xcc0
PAGES = 1000

DECLARATIONS = """
void *pcpmm_machinefile_read(const char *path, void *error);
void *pcpmm_machinefile_config(void *file);
void pcpmm_machinefile_free(void *file);
void *pcpmm_machine_create(void *config, void *error);
void pcpmm_machine_destroy(void *machine);
void *pcpmm_cpu_enter(void *machine, unsigned int id);
int pcpmm_cpu_leave(void *cpu);
void *pcpmm_alloc_pages(void *cpu, uint32_t gfp, unsigned int order);
int pcpmm_free_pages(void *cpu, void *page, unsigned int order);
int pcpmm_validate(void *machine, void *error);
"""


def by_ctypes(path):
    import ctypes
    library = ctypes.CDLL(path)
    for line in DECLARATIONS.split("\n"):
        if line.startswith("void *"):
            name = line[len("void *"):line.index("(")]
            getattr(library, name).restype = ctypes.c_void_p
    pointer = ctypes.c_void_p

    class Calls:
        def __getattr__(self, name):
            function = getattr(library, name)
            return lambda *args: function(*[
                a if isinstance(a, bytes) else
                pointer(a) if a is None or a > 0xffffffff else
                ctypes.c_uint(a) for a in args])
    return Calls()


def by_cffi(path):
    try:
        import cffi
    except ImportError:
        sys.exit(77)
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    library = ffi.dlopen(path)

    class Calls:
        def __getattr__(self, name):
            function = getattr(library, name)

            def call(*args):
                value = function(*[ffi.NULL if a is None else a for a in args])
                return None if value == ffi.NULL else value
            return call
    return Calls()


def main(kind, path, machine_file):
    calls = {"ctypes": by_ctypes, "cffi": by_cffi}[kind](path)
    file = calls.pcpmm_machinefile_read(machine_file.encode(), None)
    assert file, "the machine file can not be read"
    machine = calls.pcpmm_machine_create(
        calls.pcpmm_machinefile_config(file), None)
    assert machine, "no machine"
    cpu = calls.pcpmm_cpu_enter(machine, 0)
    assert cpu, "no CPU"
    pages = [calls.pcpmm_alloc_pages(cpu, GFP_KERNEL, 0)
             for _ in range(PAGES)]
    assert all(pages), "a page is missing"
    assert not any(calls.pcpmm_free_pages(cpu, page, 0) for page in pages)
    # A second free is refused.
    assert calls.pcpmm_free_pages(cpu, pages[0], 0) != 0
    assert calls.pcpmm_cpu_leave(cpu) == 0
    assert calls.pcpmm_validate(machine, None) == 0, "a page was lost"
    calls.pcpmm_machine_destroy(machine)
    calls.pcpmm_machinefile_free(file)
    print(f"{PAGES} pages by {kind}: conserved")


main(*sys.argv[1:])
