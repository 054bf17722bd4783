/// What a node does about shards that are free.
enum NodeState: String, Hashable, Sendable {
    /// It takes its share of them.
    case ready
    /// It could not take one up lately, so others are asked first.
    case troubled
    /// It takes none, and gives back what it has.
    case draining
    /// It takes none: a fold or a handler of it does not return.
    case stuck
}
