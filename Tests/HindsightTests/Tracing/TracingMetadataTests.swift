import HindsightTracing
import Testing

@Suite("Tracing: members of metadata", .timeLimit(.minutes(1)))
struct TracingMetadataTests {
    private func adding(_ members: [(key: String, value: String)], to metadata: String?) -> String? {
        MetadataMembers.adding(members, to: metadata.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("Members are added behind those that are there, which stay byte for byte")
    func adding() {
        let members = [(key: "a", value: "x"), (key: "b", value: "1\"2")]
        #expect(adding(members, to: nil) == #"{"a":"x","b":"1\"2"}"#)
        #expect(adding(members, to: "{}") == #"{"a":"x","b":"1\"2"}"#)
        #expect(adding(members, to: " { } ") == #" { "a":"x","b":"1\"2"} "#)
        #expect(
            adding(members, to: #"{"user": {"id": 1.50, "a":"}"}, "c":[1 , 2] }  "#)
                == #"{"user": {"id": 1.50, "a":"}"}, "c":[1 , 2] ,"a":"x","b":"1\"2"}  "#)
    }

    @Test(
        "Metadata that has one of the keys, in whatever spelling, or is no object stays as it is",
        arguments: [
            #"{"b":null}"#, #"{"\u0061":"x"}"#, #"{"c":1,"a":"x"}"#, "[1]", "7", "\"a\"", "null", "", "{", #"{"c":1}}"#,
        ])
    func leaving(_ metadata: String) {
        #expect(adding([(key: "a", value: "x"), (key: "b", value: "y")], to: metadata) == nil)
    }

    @Test("The text of a member is found at the top level only")
    func value() {
        func value(_ metadata: String) -> String? { MetadataMembers.value(of: "a", in: Array(metadata.utf8)) }
        #expect(value(#"{"b":{"a":"no"},"a":"1\"2"}"#) == "1\"2")
        #expect(value(#"{"\u0061":"x"}"#) == "x")
        for other in [#"{"a":1}"#, #"{"b":{"a":"no"}}"#, "[]", "", #"{"a""#] { #expect(value(other) == nil) }
    }
}
