import Synchronization

extension PostgresPool {
    /// An object that the users of this pool share, and that lives as long as the pool: made for the first of them.
    ///
    /// - Parameters:
    ///   - name: what distinguishes it from other objects of its type.
    ///   - make: makes it. It must not keep the pool, which keeps it.
    package func companion<Object: AnyObject & Sendable>(_ name: String, _ make: @Sendable () -> Object) -> Object {
        companions.withLock { companions in
            let key = "\(Object.self) \(name)"
            if let known = companions[key] as? Object { return known }
            let made = make()
            companions[key] = made
            return made
        }
    }
}
