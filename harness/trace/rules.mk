# The tests of traces load the toy allocators; the target of the fuzzing engines is built on request only.
