import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/**
 * A Neo4j server over one home folder: prints "ready", and stops when its standard input ends.
 *
 * The password is set on the first start only: the server refuses to set the one that it has.
 */
class Neo4jServer {
    public static void main(String[] arguments) {
        try {
            serve(Path.of(arguments[0]), System.getenv("NEO4J_FIRST_PASSWORD"));
            System.exit(0);
        } catch (Exception error) {
            error.printStackTrace();
            System.exit(1);
        }
    }

    private static void serve(Path home, String firstPassword) throws Exception {
        var service = new DatabaseManagementServiceBuilder(home)
            .loadPropertiesFromFile(home.resolve("neo4j.conf"))
            .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        if (firstPassword != null) {
            service.database("system").executeTransactionally(
                "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", firstPassword));
        }
        System.out.println("ready");
        System.in.transferTo(OutputStream.nullOutputStream());
    }
}
