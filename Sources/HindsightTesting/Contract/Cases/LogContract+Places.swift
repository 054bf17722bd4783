import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension LogContract {
    static let places: [LogContractCase] = [
        LogContractCase("places: the identity of a log stays, and is the same for every process") { test in
            let identity = try await test.log.identity()
            try await test.log.append(test.event(), to: "a-1")
            try expect(try await test.log.identity(), is: identity, "identity")
            try expect(try await test.peer.identity(), is: identity, "the identity that another process sees")
        },
        LogContractCase("places: the offset before a position is that of the event below it") { test in
            let all = try await fill(test)
            for position in [Int64.min, 0, 1, all[5].position, all[59].position, all[59].position + 1, .max] {
                let expected = all.last { $0.position < position }?.offset ?? .beginning
                try expect(try await test.log.offset(before: position), is: expected, "before \(position)")
            }
        },
        LogContractCase("places: after the offset before a time are all events that are recent enough") { test in
            func time(_ seconds: Int64) -> Timestamp { Timestamp(microsecondsSince1970: seconds * 1_000_000) }
            for second in 1...40 {
                var event = test.event(second)
                event.recordedAt = time(Int64(second) * 100)
                try await test.log.append(event, to: "a-1")
            }
            let all = try await test.all()
            for second in stride(from: Int64(0), through: 4_150, by: 50) {
                let offset = try await test.log.offset(recordedBefore: time(second))
                let first = all.first { $0.recordedAt >= time(second) }
                try expect(offset.position < first?.position ?? .max, "events of second \(second) are left out")
                // A log may start a little early, but not by a hundred seconds.
                let early = all.filter { $0.position > offset.position && $0.recordedAt < time(second - 100) }
                try expect(early.isEmpty, "\(early.count) events are too old for second \(second)")
                try await test.log.verify(offset)
            }
        },
        LogContractCase("places: an offset is verified by its anchor") { test in
            let all = try await fill(test)
            try await test.log.verify(.beginning)
            try await test.log.verify(all[7].offset)
            let wrong = Offset(position: all[7].position, anchor: all[8].id)
            try await expect(.anchorMismatch, "another event's anchor") { try await test.log.verify(wrong) }
            try await expect(.anchorMismatch, "reading from it") { try await test.log.read(after: wrong, limit: 10) }
            try await expect(.anchorMismatch, "reading from it, up to a known frontier") {
                try await test.log.read(after: wrong, through: all[30].offset, filter: .all, limit: 10)
            }
        },
        LogContractCase("places: an offset above the end of the log is an error, not the end") { test in
            let all = try await fill(test)
            let beyond = Offset(position: all[59].position + 1_000, anchor: UUID())
            try await expect(.anchorMismatch, "verifying") { try await test.log.verify(beyond) }
            for filter in filters {
                try await expect(.anchorMismatch, "reading, \(filter)") {
                    try await test.log.read(after: beyond, filter: filter, limit: 10)
                }
                try await expect(.anchorMismatch, "reading many, \(filter)") {
                    try await test.log.read(after: beyond, filter: filter, limit: 10_000)
                }
            }
            let reader = try await test.log.reader(after: beyond, filter: .all)
            try await expect(.anchorMismatch, "a reader") { try await reader.next(limit: 10) }
            await reader.close()
        },
    ]

    static let rewinding: [LogContractCase] = [
        LogContractCase("rewound: a reader notices at its next look, whatever was appended since", hooks: [.rewind]) {
            test in
            guard let rewind = test.rewind else { throw LogContractFailure("the case needs the hook rewind") }
            try await test.log.append(test.events(30), to: "a-1", expected: .any)
            let old = try await test.all()
            let reader = try await test.log.reader(after: old[25].offset, filter: .all)
            let head = old[29].offset
            try await rewind(old[19].position)
            for count in [0, 10, 30] {
                if count > 0 {
                    try await test.log.append(test.events(count), to: StreamName("b-\(count)"), expected: .any)
                }
                try await expect(.anchorMismatch, "after \(count) more") {
                    try await test.log.read(after: head, limit: 5)
                }
                try await expect(.anchorMismatch, "of a rare type, after \(count) more") {
                    try await test.log.read(after: head, filter: .types(["None"]), limit: 5)
                }
                try await expect(.anchorMismatch, "a reader, after \(count) more") { try await reader.next(limit: 5) }
                try await expect(.anchorMismatch, "verifying, after \(count) more") { try await test.log.verify(head) }
            }
            await reader.close()
            let rest = try await test.log.read(after: old[19].offset, limit: 1_000)
            try expect(rest.events.count, is: 40, "who stands below reads on")
        }
    ]
}
