import HindsightJSON
import HindsightPostgres

extension ViewShape {
    /// Appends a row as a JSON object: numbers and truth values as such, JSON as it is, other values as strings.
    ///
    /// - Parameter row: the values as text, in the order of the columns; nil for null.
    package static func appendJSON(_ row: [String?], _ columns: [Column], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, (column, text)) in zip(columns, row).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.append(column.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            column.appendJSON(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension ViewShape.Column {
    /// True if its values are numbers.
    package var isNumber: Bool {
        [.int2, .int4, .int8, .float4, .float8, .numeric].contains(type.postgresType)
    }

    /// Appends a value that is given as text.
    package func appendJSON(_ text: String?, to bytes: inout [UInt8]) {
        guard let text else { return bytes += "null".utf8 }
        switch type.postgresType {
        case .bool, .json, .jsonb: bytes += text.utf8
        // Values that are not finite are words.
        case _ where isNumber && text.utf8.allSatisfy { $0 < UInt8(ascii: "A") || $0 | 32 == UInt8(ascii: "e") }:
            bytes += text.utf8
        default: JSONWriter.append(text, to: &bytes)
        }
    }
}
