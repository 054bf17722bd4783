/// Thrown when the standard output has no reader any more. The command ends silently, as other programs do.
struct BrokenPipe: Error {}
