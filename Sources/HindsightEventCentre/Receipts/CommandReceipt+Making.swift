import HindsightLog

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension CommandReceipt {
    static func appended(
        _ decision: CommandDecision, _ result: AppendResult, command: UUID, name: String
    ) -> CommandReceipt {
        var receipt = CommandReceipt(.appended, command, name)
        receipt.stream = decision.stream
        receipt.version = result.version
        receipt.position = result.position
        receipt.events = decision.events.map { Event(id: $0.id, type: $0.type) }
        receipt.event = decision.taskEvent
        receipt.failure = decision.failure
        return receipt
    }

    static func unchanged(_ stream: StreamName, _ version: Int64, command: UUID, name: String) -> CommandReceipt {
        var receipt = CommandReceipt(.unchanged, command, name)
        receipt.stream = stream.rawValue
        receipt.version = version
        return receipt
    }

    static func conflict(
        _ stream: StreamName, _ expected: ExpectedVersion, _ actual: Int64, command: UUID, name: String
    ) -> CommandReceipt {
        var receipt = CommandReceipt(.conflict, command, name)
        receipt.stream = stream.rawValue
        receipt.version = actual
        receipt.expected = "\(expected)"
        return receipt
    }

    static func refused(_ refusal: CommandRefusal, command: UUID, name: String) -> CommandReceipt {
        var receipt = CommandReceipt(.refused, command, name)
        receipt.code = refusal.code
        receipt.reason = refusal.reason
        return receipt
    }
}
