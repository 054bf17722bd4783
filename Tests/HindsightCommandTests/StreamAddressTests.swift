import HindsightCommand
import Testing

@Suite("The address of a log in a stream", .timeLimit(.minutes(1)))
struct StreamAddressTests {
    @Test func namesServersAndStream() throws {
        let one = try StreamAddress("nats://localhost:4222/SHOP")
        #expect(one.servers == ["nats://localhost:4222"] && one.stream == "SHOP")
        let secure = try StreamAddress("TLS://a.example/orders_2")
        #expect(secure.servers == ["tls://a.example"] && secure.stream == "orders_2")
        let many = try StreamAddress("nats://a:1,b,tls://[::1]:3/S-1")
        #expect(many.servers == ["nats://a:1", "nats://b", "tls://[::1]:3"] && many.stream == "S-1")
        #expect("\(many)" == "the stream S-1 of nats://a:1, nats://b, tls://[::1]:3")
    }

    @Test(arguments: [
        "", "SHOP", "localhost:4222/SHOP", "postgres://host/db", "nats://", "nats:///SHOP", "nats://host",
        "nats://host:4222/",
        "nats://host//SHOP", "nats://host:0/SHOP", "nats://host:65536/SHOP", "nats://host:x/SHOP",
        "nats://host:1:2/SHOP",
        "nats://a,/SHOP", "nats://a,,b/SHOP", "nats://ho st/SHOP", "nats://host/SH.OP", "nats://host/SH OP",
        "nats://host/>",
        "nats://host/a/b", "nats://host/Ä", "nats://http://b/S",
    ])
    func isRefusedIfItIsNone(text: String) {
        #expect {
            try StreamAddress(text)
        } throws: { error in
            "\(error)".hasPrefix("\"\(text)\" is not the address of a log, nats://HOST:PORT/STREAM: ")
        }
    }

    @Test func holdsNoPassword() {
        #expect {
            try StreamAddress("nats://me:secret@host/SHOP")
        } throws: { error in
            !"\(error)".contains("secret") && "\(error)".contains("HINDSIGHT_NATS_CREDENTIALS")
        }
    }

    @Test func comesFromTheOptionFirst() throws {
        let environment = ["HINDSIGHT_LOG": "nats://b/B"]
        #expect(try LogChoice(option: nil, environment: [:]) == .database)
        #expect(try LogChoice(option: nil, environment: ["HINDSIGHT_LOG": ""]) == .database)
        #expect(try LogChoice(option: nil, environment: environment) == .stream(StreamAddress("nats://b/B")))
        #expect(try LogChoice(option: "nats://a/A", environment: environment) == .stream(StreamAddress("nats://a/A")))
        #expect {
            try LogChoice(option: nil, environment: ["HINDSIGHT_LOG": "b"])
        } throws: { error in
            "\(error)".hasPrefix("HINDSIGHT_LOG: ")
        }
    }
}
