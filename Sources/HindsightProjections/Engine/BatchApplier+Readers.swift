import HindsightLog
import HindsightPostgres
import Logging

extension BatchApplier {
    /// What a commit means for them. `told`: the transaction that tells them, in the same round trip, if some listened at
    /// the last commit.
    func news(of members: [ProjectionMember], at offset: Offset) -> (all: SQL?, told: [[SQL]]) {
        guard let signal, let all = ReaderNews(names: store.names).telling(members, offset) else { return (nil, []) }
        return (all, signal.tellsOthers ? [[all]] : [])
    }

    /// The statement of each commit that also says whether somebody listens.
    func asking(_ statement: SQL) -> SQL {
        guard signal != nil else { return statement }
        return "\(sql: statement)\(sql: ReaderNews(names: store.names).look)"
    }

    /// Tells those who have only begun to listen.
    ///
    /// - Parameter answer: to the statement that asked whether somebody listens.
    func tell(
        _ news: (all: SQL?, told: [[SQL]]), _ answer: PostgresResult, in session: inout PostgresSession
    ) throws {
        guard let signal else { return }
        signal.tellsOthers = try ReaderNews.answer(answer)
        guard signal.tellsOthers, news.told.isEmpty, let all = news.all else { return }
        do {
            try session.execute(all)
        } catch {
            // The rows are committed. Readers look for themselves, too, and a lost connection shows with the next batch.
            logger.debug("readers not told", metadata: ["error.message": "\(error)"])
        }
    }
}
