import HindsightJSON
import HindsightLog

/// The bytes of answers: objects with the version `v`, and either what was asked for or `error`.
enum Answer {
    static func receipt(_ receipt: [UInt8]) -> [UInt8] { object { $0 += ",\"receipt\":".utf8 + receipt } }

    static func state(_ state: some Encodable) throws -> [UInt8] {
        let bytes = try JSONEventCodec().encode(state)
        return object { $0 += ",\"state\":".utf8 + bytes }
    }

    static func error(_ error: EventCentreError) -> [UInt8] {
        object { bytes in
            bytes += ",\"error\":{\"code\":".utf8
            JSONWriter.append("\(error.code)", to: &bytes)
            bytes += ",\"message\":".utf8
            JSONWriter.append(error.message, to: &bytes)
            bytes += ",\"retriable\":\(error.isRetriable)}".utf8
        }
    }

    private static func object(_ body: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = Array("{\"v\":\(Request.version)".utf8)
        body(&bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
