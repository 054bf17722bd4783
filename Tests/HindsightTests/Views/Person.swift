import Hindsight
import HindsightPostgres
import HindsightValues

/// A row with two key columns, ties and nulls, for queries.
struct Person: ViewRow, Hashable {
    typealias Key = ViewKeyPair<String, Int>

    var city = ""
    var number = 0
    var name: String?
    var age: Int?
    var score = 0.0
    var born: Day?

    static let city = Column<Self, String>("city", get: { $0.city }, set: { $0.city = $1 })
    static let number = Column<Self, Int>("number", get: { $0.number }, set: { $0.number = $1 })
    static let name = Column<Self, String?>("name", get: { $0.name }, set: { $0.name = $1 })
    static let age = Column<Self, Int?>("age", get: { $0.age }, set: { $0.age = $1 })
    static let score = Column<Self, Double>("score", get: { $0.score }, set: { $0.score = $1 })
    static let born = Column<Self, Day?>("born", get: { $0.born }, set: { $0.born = $1 })

    static let table = ViewTable(name: "person", key: city, number, columns: [name, age, score, born])

    /// Two cities of twenty-one people; a third have no age, every seventh has no name.
    static let all: [Person] = ["Århus", "Bonn"].flatMap { city in
        (0..<21).map { number in
            Person(
                city: city, number: number,
                name: number.isMultiple(of: 7) ? nil : ["Ann", "bob", "Zoë", "O'Neill", "a\"b\\"][number % 5],
                age: number.isMultiple(of: 3) ? nil : number % 4, score: Double(number % 2) - 0.5,
                born: number.isMultiple(of: 5) ? Day(daysSince1970: Int32(number)) : nil)
        }
    }

    /// Runs a test with all of them in a table, which is as good as a view for a query.
    static func withAll(_ body: (Views, PostgresPool) async throws -> Void) async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.pool.withTransaction { session in
                try session.script(
                    """
                    create table person (city text, number bigint, name text, age bigint, score float8, born date,
                        primary key (city, number))
                    """)
                for person in all {
                    try session.execute(
                        """
                        insert into person values (\(person.city), \(person.number), \(person.name), \(person.age),
                            \(person.score), \(person.born))
                        """)
                }
            }
            try await body(Views(pool: fixture.pool), fixture.pool)
        }
    }
}
