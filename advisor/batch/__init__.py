"""Many cases at once: batch files and folders of symptom files in, one result per case out, in the same order.

    sources     which files there are to read
    chunking    their content, cut into chunks of records                     bytes    -> Chunk
    reading     the cases in a chunk, and the records that are not cases      Chunk    -> Case | Reject
    fragments   the parts of the advice on a case, looked up                  Case     -> CaseFragments
    encoders    the parts joined to a line of JSON, a row of CSV, …           CaseFragments -> bytes
    mapper      the last three together, as a function of one chunk           Chunk    -> Outcome
    workers     that function, applied to all chunks by several processes
    sinks       output, rejects and summary, which appear together
    run         all of it: one run of `nutrient-advisor batch`

No record is ever lost: one that cannot be read as a case is rejected, with its text and every reason.
"""
