extension JSONDocument {
    /// The coding path of a value, or of the place of a member that is missing.
    ///
    /// It is computed from the nodes on demand, so that decoding need not keep track of it. Its keys are therefore not
    /// those of the decoded type, but they have the same names.
    func codingPath(to index: Int) -> [any CodingKey] {
        if let place = state.pointee.absent[index] {
            return codingPath(to: place.object) + [JSONCodingKey(name: place.key)]
        }
        var keys: [any CodingKey] = []
        var container = 0
        while container < index {
            let isObject = self[container].kind == .object
            var child = container + (isObject ? 2 : 1)
            var number = 0
            while Int(self[child].next) <= index {
                child = Int(self[child].next) + (isObject ? 1 : 0)
                number += 1
            }
            keys.append(isObject ? JSONCodingKey(name: name(of: child - 1)) : JSONCodingKey(index: number))
            container = child
        }
        return keys
    }

    /// A key as text, even if it has an escape that stands for no character.
    private func name(of key: Int) -> String {
        do throws(JSONError) {
            return try text(of: self[key])
        } catch {
            return String(decoding: bytes(of: self[key]), as: UTF8.self)
        }
    }
}
