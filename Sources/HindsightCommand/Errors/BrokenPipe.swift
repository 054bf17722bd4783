/// Nobody reads the standard output any more. The command ends without a word, as other programs do.
struct BrokenPipe: Error {}
