import HindsightLog
import HindsightPostgres

extension BatchApplier {
    /// Applies events of which the database has refused rows, and parks the keys of these rows.
    ///
    /// - Returns: nil if that does not settle it: too many keys would be parked, or something else is refused as well.
    func applyParking(
        _ events: ArraySlice<RecordedEvent>, through offset: Offset, to member: ProjectionMember
    ) async throws -> Outcome? {
        let work = work(events, through: offset, for: member)
        do {
            try await transaction(work) { session in try applyParking(work, to: member, in: &session) }
            return try await settleFailure(of: member, events, through: offset)
        } catch let error as ProjectionError where error.code == .tooManyParked {
            guard let event = events.first, events.count == 1 else { return nil }
            return .stopped(event, "\(error)")
        } catch let error where error.sqlState == "HS001" {
            return .lost
        } catch let error where !Self.saysNothing(error) {
            // Something else is refused as well; halves of the batch find the event.
            return nil
        }
    }

    private func applyParking(
        _ work: BatchWork, to member: ProjectionMember, in session: inout PostgresSession
    ) throws {
        work.decoders.decode(work.events)
        try load([member], presumingNew: nil, in: &session)
        member.run.fold(work.events)
        guard member.run.failure == nil else { return }
        let news = news(of: [member], at: work.offset)
        let answer: PostgresResult
        do {
            answer = try opening([member]).map { try session.query($0) }[1]
            try member.run.writeParking(work.events, in: &session)
            _ = try session.pipeline(transactions: [closing(member, work) + ["commit"]] + news.told)
        } catch {
            if session.isInTransaction { try session.execute("rollback") }
            member.run.begin(forgettingRows: true)
            throw error
        }
        try tell(news, answer, in: &session)
        committed(member, work)
        // In memory are rows that were refused.
        member.run.begin(forgettingRows: true)
    }

    /// Reads which keys are parked, before rows are loaded.
    func acceptParked(_ members: [ProjectionMember], in session: inout PostgresSession) throws {
        let members = members.filter { !$0.run.knowsParked }
        guard !members.isEmpty else { return }
        let opening = store.workOn(members.map(\.key), atMost: leaseDuration)
        let answers = try session.pipeline([opening] + members.map { store.parkedKeys(of: $0.key) }).dropFirst()
        for (member, keys) in zip(members, answers) {
            try member.run.accept(parked: try keys.map { try $0.decode(0) })
        }
    }
}
