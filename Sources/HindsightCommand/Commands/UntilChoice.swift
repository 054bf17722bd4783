import ArgumentParser

/// The values of `--until`.
enum UntilChoice: String, ExpressibleByArgument {
    case verify
}
