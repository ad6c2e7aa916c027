#!/bin/sh
# Called by cargo in the place of the compiler, with its path and arguments. It compiles what turns WebAssembly into
# machine code as for a release: the fuzzer is not after that, which would be most of what it sees and of its time.
case " $* " in
*" --crate-name cranelift_"* | *" --crate-name regalloc2 "* | *" --crate-name wasmtime_internal_cranelift "*)
    for argument do
        shift
        case $argument in
        -Cpasses=sancov-module | -Cllvm-args=-sanitizer-coverage-* | -Cdebug-assertions | -Ccodegen-units=1) ;;
        *) set -- "$@" "$argument" ;;
        esac
    done
    ;;
esac
exec "$@"
