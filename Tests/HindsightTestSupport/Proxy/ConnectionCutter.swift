/// Decides what of a connection's bytes passes, and when the connection is cut. It does nothing itself.
struct ConnectionCutter {
    enum Side { case client, server }

    /// What to do with bytes that have come.
    struct Verdict {
        /// What goes on to the other side.
        var passed: [UInt8] = []
        /// The cut that follows.
        var cut: CutKind?
    }

    private let plan: CutPlan?
    private let isPostgres: Bool
    private var fromClient = MessageReader(isTyped: false)
    private var fromServer = MessageReader(isTyped: true)
    private var byteCount = 0
    private var copyByteCount = 0
    private var commitCount = 0
    private var answeredCommitCount = 0
    /// The names of prepared statements that commit; the one without a name has the empty one.
    private var commitStatements: Set<String> = []

    /// - Parameter isPostgres: Whether the bytes are of PostgreSQL's protocol. Otherwise only bytes can be counted.
    init(_ plan: CutPlan?, isPostgres: Bool) {
        self.plan = plan
        self.isPostgres = isPostgres
    }

    /// Judges bytes from one side.
    ///
    /// - Parameter isArmed: Whether there may be a cut now.
    mutating func judge(_ bytes: [UInt8], from side: Side, isArmed: Bool) -> Verdict {
        let pieces =
            switch side {
            case _ where !isPostgres: [MessageReader.Piece(type: 0, isBeginning: false, bytes: bytes[...])]
            case .client: fromClient.pieces(bytes)
            case .server: fromServer.pieces(bytes)
            }
        var verdict = Verdict()
        for piece in pieces {
            let isHit = note(piece, from: side)
            if let plan, isArmed {
                let room = isHit ? 0 : room(for: piece, plan)
                if room < piece.bytes.count {
                    verdict.passed += piece.bytes.prefix(room)
                    verdict.cut = plan.kind
                    return verdict
                }
            }
            verdict.passed += piece.bytes
            byteCount += piece.bytes.count
            if piece.isCopyData { copyByteCount += piece.bytes.count }
        }
        return verdict
    }

    /// Counts commits. Returns whether the planned one is about to pass.
    private mutating func note(_ piece: MessageReader.Piece, from side: Side) -> Bool {
        guard piece.isBeginning else { return false }
        switch side {
        case .client:
            guard isCommit(piece) else { return false }
            commitCount += 1
            return plan?.kind == .beforeCommit && plan?.place == commitCount
        case .server:
            guard piece.type == UInt8(ascii: "C"), piece.texts.first == "COMMIT" else { return false }
            answeredCommitCount += 1
            return plan?.kind == .afterCommit && plan?.place == answeredCommitCount
        }
    }

    /// Whether the message has the server commit: a query, or the binding of a prepared statement.
    private mutating func isCommit(_ piece: MessageReader.Piece) -> Bool {
        let texts = piece.texts
        switch piece.type {
        case UInt8(ascii: "Q"):
            return texts.first.map(Self.isCommit) ?? false
        case UInt8(ascii: "P"):
            guard texts.count > 1 else { return false }
            if Self.isCommit(texts[1]) {
                commitStatements.insert(texts[0])
            } else {
                commitStatements.remove(texts[0])
            }
            return false
        case UInt8(ascii: "B"):
            return texts.count > 1 && commitStatements.contains(texts[1])
        default:
            return false
        }
    }

    private static func isCommit(_ text: String) -> Bool { text.lowercased() == "commit" }

    /// How many of a piece's bytes pass before the cut.
    private func room(for piece: MessageReader.Piece, _ plan: CutPlan) -> Int {
        switch plan.kind {
        case .bytes: max(plan.place - byteCount, 0)
        case .copyData where piece.isCopyData: max(plan.place - copyByteCount, 0)
        case .copyData, .beforeCommit, .afterCommit, .onDemand: Int.max
        }
    }
}

extension MessageReader.Piece {
    fileprivate var isCopyData: Bool { type == UInt8(ascii: "d") }
}
