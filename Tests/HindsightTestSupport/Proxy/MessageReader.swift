/// Divides one direction of a connection into the messages of PostgreSQL's protocol.
///
/// It keeps back no more than the beginning of a message, by which the message is judged.
/// See "Message Flow" in PostgreSQL's manual.
struct MessageReader {
    /// The beginning of a message, or a further part of it.
    struct Piece {
        /// The message's type, an ASCII character; 0 for the first message of a client, which has none.
        let type: UInt8
        let isBeginning: Bool
        let bytes: ArraySlice<UInt8>

        /// The zero-terminated texts at the beginning of the message's body.
        var texts: [String] {
            bytes.dropFirst(5).split(separator: 0, omittingEmptySubsequences: false).prefix(2).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    /// Long enough for the texts that are looked at: names of prepared statements, and `commit`.
    private static let headByteCount = 128

    private var held: [UInt8] = []
    private var type: UInt8 = 0
    private var rest = 0
    private var isTyped: Bool

    /// - Parameter isTyped: Whether the first message has a type, as all of the server's have.
    init(isTyped: Bool) {
        self.isTyped = isTyped
    }

    /// What can be judged now that these bytes have come.
    mutating func pieces(_ bytes: [UInt8]) -> [Piece] {
        held += bytes
        var pieces: [Piece] = []
        var index = 0
        while index < held.count {
            if rest > 0 {
                let end = min(index + rest, held.count)
                pieces.append(Piece(type: type, isBeginning: false, bytes: held[index..<end]))
                rest -= end - index
                index = end
            } else {
                guard let length = messageLength(at: index) else { break }
                let end = index + min(length, Self.headByteCount)
                guard end <= held.count else { break }
                type = isTyped ? held[index] : 0
                isTyped = true
                pieces.append(Piece(type: type, isBeginning: true, bytes: held[index..<end]))
                rest = length - (end - index)
                index = end
            }
        }
        held.removeFirst(index)
        return pieces
    }

    /// The length of the message, its type included.
    private func messageLength(at index: Int) -> Int? {
        let start = isTyped ? index + 1 : index
        guard held.count >= start + 4 else { return nil }
        let length = held[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        return start - index + length
    }
}
