import Hindsight
import HindsightPostgres
import HindsightValues

/// A row with two key columns, ties and nulls, for queries.
struct Person: ViewRow, Hashable {

    var city = ""
    var number = 0
    var name: String?
    var age: Int?
    var score = 0.0
    var born: Day?

    static let table = ViewTable("person", of: Self(), key: (\.city, \.number), \.name, \.age, \.score, \.born)

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
