"""Many cases at once: batch files and folders of symptom files in, one result a case out, in the same order.

    inputs -> chunks -> mapper (cases -> slices -> forms) -> output, rejects, summary

`mapper` is a pure function from a chunk of input to bytes of output; everything around it reads, spreads the work
over processes, writes and counts. No case is ever lost: what cannot be read as one is rejected, with its text and the
reason.
"""
