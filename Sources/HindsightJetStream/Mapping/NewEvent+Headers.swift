#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension NewEvent {
        /// The headers of its message, without expectations.
        ///
        /// - Parameter version: its number in its stream.
        func headers(version: Int64) -> NATSHeaders {
            var headers: NATSHeaders = [
                EventHeader.id.text: id.uuidString.lowercased(),
                EventHeader.version.text: "\(version)",
                EventHeader.type.text: PercentText.encode(type),
                EventHeader.occurredAt.text: occurredAt.headerText,
            ]
            if schemaVersion != 1 { headers.append("\(schemaVersion)", for: EventHeader.schemaVersion.text) }
            if let recordedAt { headers.append(recordedAt.headerText, for: EventHeader.recordedAt.text) }
            if let correlationID {
                headers.append(PercentText.encode(correlationID), for: EventHeader.correlationID.text)
            }
            if let causationID { headers.append(PercentText.encode(causationID), for: EventHeader.causationID.text) }
            if let metadata { headers.append(Self.text(metadata), for: EventHeader.metadata.text) }
            return headers
        }

        /// Metadata as one line: as it is if it can be, so that other users of the stream can read it.
        private static func text(_ metadata: [UInt8]) -> String {
            func isSpace(_ byte: UInt8?) -> Bool { byte.map { $0 <= 0x20 } ?? true }
            if !metadata.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }), !isSpace(metadata.first),
                !isSpace(metadata.last),
                let text = String(validating: metadata, as: UTF8.self), !text.hasPrefix(EventHeader.base64Prefix)
            {
                return text
            }
            return EventHeader.base64Prefix + Data(metadata).base64EncodedString()
        }
    }
#endif
