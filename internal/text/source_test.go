package text_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// source is the code of the pages and of all below them, as the compiler sees
// it. It tells which texts may come to a place: what errors say is gathered
// from it, however many hands a sentence goes through.
type source struct {
	t        *testing.T
	files    *token.FileSet
	packages map[string]*types.Package
	syntax   map[string][]*ast.File // by package path
	info     types.Info

	calls   map[types.Object][]*ast.CallExpr
	owners  map[types.Object]owner      // of a parameter
	values  map[types.Object][]ast.Expr // that a variable or a field is given
	returns map[types.Object][][]ast.Expr

	followed map[types.Object]bool
	found    map[string]token.Position // texts, each with the first place where it stands
}

// owner is a function, or the variable that holds one, and which parameter.
type owner struct {
	function types.Object
	index    int
}

const module = "whistle/"

// readSource checks the types of the packages and what they depend on.
func readSource(t *testing.T, patterns ...string) *source {
	t.Helper()
	s := &source{
		t: t, files: token.NewFileSet(), packages: map[string]*types.Package{}, syntax: map[string][]*ast.File{},
		info: types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
		calls: map[types.Object][]*ast.CallExpr{}, owners: map[types.Object]owner{}, values: map[types.Object][]ast.Expr{},
		returns: map[types.Object][][]ast.Expr{}, followed: map[types.Object]bool{}, found: map[string]token.Position{},
	}
	type listed struct {
		ImportPath, Export, Dir string
		GoFiles                 []string
	}
	var own []listed
	var others []string
	for _, p := range goList[listed](t, append([]string{"-deps", "-json=ImportPath,Dir,GoFiles"}, patterns...)...) {
		if strings.HasPrefix(p.ImportPath, module) {
			own = append(own, p) // after all that it imports
		} else {
			others = append(others, p.ImportPath)
		}
	}
	exports := map[string]string{}
	for _, p := range goList[listed](t, append([]string{"-export", "-json=ImportPath,Export"}, others...)...) {
		exports[p.ImportPath] = p.Export
	}
	compiled := importer.ForCompiler(s.files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range own {
		s.check(p.ImportPath, p.Dir, p.GoFiles, compiled)
	}
	for _, files := range s.syntax {
		for _, file := range files {
			s.index(file)
		}
	}
	return s
}

func goList[T any](t *testing.T, args ...string) []T {
	t.Helper()
	var failure bytes.Buffer
	list := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	list.Stderr = &failure
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, failure.String())
	}
	var all []T
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var one T
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

// check checks the types of a package of the module. It imports the others of
// the module as they were checked here, so that everything in them is one and
// the same object everywhere.
func (s *source) check(path, dir string, names []string, compiled types.Importer) {
	s.t.Helper()
	for _, name := range names {
		file, err := parser.ParseFile(s.files, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			s.t.Fatal(err)
		}
		s.syntax[path] = append(s.syntax[path], file)
	}
	config := types.Config{Importer: importing(func(path string) (*types.Package, error) {
		if known, ok := s.packages[path]; ok {
			return known, nil
		}
		return compiled.Import(path)
	})}
	checked, err := config.Check(path, s.files, s.syntax[path], &s.info)
	if err != nil {
		s.t.Fatal(err)
	}
	s.packages[path] = checked
}

type importing func(path string) (*types.Package, error)

func (i importing) Import(path string) (*types.Package, error) { return i(path) }

// index notes who calls what with what, and what is put where.
func (s *source) index(file *ast.File) {
	var functions []types.Object // around the node, innermost last
	var stack []ast.Node
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil {
			switch stack[len(stack)-1].(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				functions = functions[:len(functions)-1]
			}
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, node)
		switch node := node.(type) {
		case *ast.FuncDecl:
			functions = append(functions, s.info.Defs[node.Name])
			s.own(s.info.Defs[node.Name], node.Type)
		case *ast.FuncLit:
			functions = append(functions, nil) // what it returns is not followed
		case *ast.CallExpr:
			if callee := s.object(node.Fun); callee != nil {
				s.calls[callee] = append(s.calls[callee], node)
			}
		case *ast.ReturnStmt:
			if f := functions[len(functions)-1]; f != nil {
				s.returns[f] = append(s.returns[f], node.Results)
			}
		case *ast.AssignStmt:
			s.assign(node.Lhs, node.Rhs)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(node.Names))
			for i, name := range node.Names {
				names[i] = name
			}
			s.assign(names, node.Values)
		case *ast.RangeStmt:
			if node.Value != nil {
				s.assign([]ast.Expr{node.Value}, []ast.Expr{node.X})
			}
		case *ast.CompositeLit:
			s.compose(node)
		}
		return true
	})
}

func (s *source) own(function types.Object, of *ast.FuncType) {
	i := 0
	for _, field := range of.Params.List {
		for _, name := range field.Names {
			s.owners[s.info.Defs[name]] = owner{function, i}
			i++
		}
	}
}

func (s *source) assign(to, from []ast.Expr) {
	for i, target := range to {
		object := s.object(target)
		if object == nil || len(from) != len(to) && len(from) != 1 {
			continue
		}
		value := from[min(i, len(from)-1)]
		if literal, ok := value.(*ast.FuncLit); ok {
			s.own(object, literal.Type)
		}
		s.values[object] = append(s.values[object], value)
	}
}

// compose notes what the fields of a struct are given.
func (s *source) compose(literal *ast.CompositeLit) {
	of, ok := deref(s.info.Types[literal].Type).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range literal.Elts {
		var field types.Object
		value := element
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			field, value = s.object(pair.Key), pair.Value
		} else {
			field = of.Field(i)
		}
		s.values[origin(field)] = append(s.values[origin(field)], value)
	}
}

func deref(t types.Type) types.Type {
	if pointer, ok := t.(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

// origin is the declared function or variable of one that a type argument made.
func origin(object types.Object) types.Object {
	switch object := object.(type) {
	case *types.Func:
		return object.Origin()
	case *types.Var:
		return object.Origin()
	}
	return object
}

// object is the function or variable that an expression names.
func (s *source) object(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if object := s.info.Uses[e]; object != nil {
			return origin(object)
		}
		if object := s.info.Defs[e]; object != nil {
			return object
		}
	case *ast.SelectorExpr:
		return origin(s.info.Uses[e.Sel])
	case *ast.IndexExpr: // of a list or a map, or a function with a type argument
		return s.object(e.X)
	}
	return nil
}

// named is what a package declares under a name, or a method or field, as in
// Field.Message.
func (s *source) named(path, name string) types.Object {
	s.t.Helper()
	of, member, _ := strings.Cut(name, ".")
	object := s.packages[module+path].Scope().Lookup(of)
	if member != "" && object != nil {
		object, _, _ = types.LookupFieldOrMethod(object.Type(), true, s.packages[module+path], member)
	}
	if object == nil {
		s.t.Fatalf("%s has no %s", path, name)
	}
	return object
}

// parameter is a parameter of a function.
func parameter(function types.Object, index int) types.Object {
	return function.Type().(*types.Signature).Params().At(index)
}

// follow finds every text that comes to the parameter, variable or field.
func (s *source) follow(object types.Object) {
	if s.followed[object] {
		return
	}
	s.followed[object] = true
	if of, ok := s.owners[object]; ok {
		for _, call := range s.calls[of.function] {
			s.text(call.Args[of.index])
		}
	}
	for _, value := range s.values[object] {
		s.text(value)
	}
}

// text finds every text that the expression may be.
func (s *source) text(e ast.Expr) {
	e = ast.Unparen(e)
	if value := s.info.Types[e].Value; value != nil && value.Kind() == constant.String {
		if text := constant.StringVal(value); s.found[text] == (token.Position{}) {
			s.found[text] = s.files.Position(e.Pos())
		}
		return
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		if object, ok := s.object(e).(*types.Var); ok {
			s.follow(object)
			return
		}
	case *ast.CompositeLit: // of a list or a map
		for _, element := range e.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				element = pair.Value
			}
			s.text(element)
		}
		return
	case *ast.CallExpr:
		if s.info.Types[e.Fun].IsType() {
			s.text(e.Args[0])
			return
		}
		callee := s.object(e.Fun)
		if returned, ok := s.returns[callee]; ok {
			if !s.followed[callee] {
				s.followed[callee] = true
				for _, results := range returned {
					s.text(results[0])
				}
			}
			return
		}
		if callee != nil && callee == s.named("internal/phrase", "Phrase.String") {
			return // it was made from a format, which is found there
		}
	}
	if strings.HasSuffix(filepath.Dir(s.files.Position(e.Pos()).Filename), "internal/phrase") {
		return // handed on
	}
	s.t.Errorf("%s: cannot tell what is said here; make it with its format, as by ticket.Fieldf", s.files.Position(e.Pos()))
}

func (s *source) place(text string) string {
	at := s.found[text]
	return fmt.Sprintf("%s:%d", filepath.Base(filepath.Dir(at.Filename))+"/"+filepath.Base(at.Filename), at.Line)
}
