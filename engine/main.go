package engine

import (
	"errors"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Main is the main function of a program whose server is described by its
// configuration: [FromArgs] with the arguments of the command line, then
// [Server.Run]. It logs what is wrong, a line for each mistake, and then ends the
// program with the exit code 1, or that of an [app.ExitError]; it returns when
// the server has stopped.
//
//	func main() { engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}) }
//
// Ktor: EngineMain.main.
func Main(modules Modules, options ...Option) {
	server, err := fromArgs(app.Caller(1), os.Args[1:], modules, options)
	if err == nil {
		err = server.Run()
	}
	if err == nil {
		return
	}
	for _, one := range mistakes.Split(err) {
		server.application.Logger().Error("the server has failed", "error", one)
	}
	code := 1
	if exit := new(app.ExitError); errors.As(err, &exit) {
		code = exit.Code
	}
	os.Exit(code) //nolint:forbidigo // it is the main function of the program
}
