import HindsightCommand
import Testing

@Suite("Which database an app uses", .timeLimit(.minutes(1)))
struct DatabaseChoiceTests {
    @Test func isTheOneOfTheURLFirst() {
        let choice = DatabaseChoice(environment: ["DATABASE_URL": "postgres://me:secret@host/db", "PGHOST": "other"])
        #expect(choice == .url("postgres://me:secret@host/db"))
        #expect(!"\(choice)".contains("secret"))
    }

    @Test(arguments: ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGHOSTADDR"])
    func isTheOneOfTheUsualVariables(name: String) {
        #expect(DatabaseChoice(environment: [name: "x", "HINDSIGHT_HOME": "/data"]) == .variables)
    }

    @Test func isAPrivateOneOtherwise() {
        #expect(DatabaseChoice(environment: ["PATH": "/bin"]) == .local(folder: ".hindsight"))
        #expect(DatabaseChoice(environment: ["HINDSIGHT_HOME": "/data"]) == .local(folder: "/data"))
        #expect(
            DatabaseChoice(environment: ["DATABASE_URL": "", "PGHOST": "", "HINDSIGHT_HOME": ""])
                == .local(folder: ".hindsight"))
        // It says where a server keeps its data, not where one listens.
        #expect(DatabaseChoice(environment: ["PGDATA": "/var/lib/postgresql"]) == .local(folder: ".hindsight"))
    }
}
