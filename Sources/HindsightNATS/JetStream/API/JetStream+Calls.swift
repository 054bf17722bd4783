#if NATS
    import NIOCore

    extension JetStream {
        /// Asks the API for something, and again while nobody answers.
        ///
        /// - Parameters:
        ///   - operation: the subject of the request, without what all begin with.
        ///   - body: what is asked for; none if it is empty.
        ///   - what: what is about to be done, for errors.
        /// - Returns: the answer, which is not an error.
        func call(_ operation: String, _ body: JSONMembers = JSONMembers(), _ what: String) async throws(JetStreamError)
            -> JSONMembers
        {
            let subject = NATSSubject(prefix + operation)
            let payload = body.values.isEmpty ? [] : try body.encoded()
            return try await patiently { () throws(JetStreamError) in
                let answer = try await ask(payload, to: subject, what)
                let members = try JSONMembers(of: answer, what)
                if let error = JetStreamError(in: members, what) { throw error }
                return members
            }
        }

        /// Sends a request, and throws if a server answers with a status instead of an answer.
        func ask(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders = [:], _ what: String
        ) async throws(JetStreamError) -> NATSMessage {
            let answer: NATSMessage
            do throws(NATSError) {
                answer = try await core.request(
                    payload, to: subject, headers: headers, within: timeout, endsWithConnection: true)
            } catch {
                throw JetStreamError(error, what)
            }
            if answer.status?.code == NATSStatus.noRespondersCode {
                throw JetStreamError.nobodyAnswers(what)
            }
            return answer
        }

        /// Tries something again while it is unavailable, for as long as ``patience`` says.
        func patiently<Value>(_ attempt: () async throws(JetStreamError) -> Value) async throws(JetStreamError) -> Value
        {
            var pauses = Pauses(within: patience)
            while true {
                do throws(JetStreamError) {
                    return try await attempt()
                } catch {
                    guard error.code == .unavailable, let pause = pauses.next() else { throw error }
                    try await Pauses.wait(pause)
                }
            }
        }

        /// Throws if a stream or a consumer cannot have the name.
        static func check(name: String, of what: String) throws(JetStreamError) {
            let isFine = name.utf8.allSatisfy { byte in
                switch byte {
                case 0...0x20, 0x7F, UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: ">"), UInt8(ascii: "/"),
                    UInt8(ascii: "\\"):
                    false
                default: true
                }
            }
            guard !name.isEmpty, isFine, name.utf8.count <= 255 else {
                throw JetStreamError(
                    .invalidRequest,
                    "\(name.debugDescription) is no name of a \(what): it has 1 to 255 bytes without white space, dots, slashes and wildcards"
                )
            }
        }
    }

    extension JetStreamError {
        static func nobodyAnswers(_ what: String) -> JetStreamError {
            JetStreamError(
                .unavailable,
                "\(what): no server of JetStream answers for it. It does not exist, is not enabled, or elects a leader",
                serverCode: nil, serverText: nil)
        }

        /// The error in an answer of the API, if it is one.
        init?(in answer: JSONMembers, _ what: String) {
            guard let error: JSONMembers = answer["error"] else { return nil }
            self.init(
                serverCode: error["err_code"], status: error["code"],
                text: error["description"] ?? "an error without description", what)
        }
    }
#endif
